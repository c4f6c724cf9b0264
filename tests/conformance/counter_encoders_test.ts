/**
 * The encoders of counters of every output that takes some, made as a sandbox makes them.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Counter } from "../../src/counter/counter.ts";
import type { RawCounter } from "../../src/counter/raw_counter.ts";
import { EARLIER, WHOLE } from "../../src/netlink/accounting/marks.ts";
import { cutFrame } from "../../src/output/messages/cut_frame.ts";
import { cutRows } from "../../src/output/table/parse_row.ts";
import { encoders } from "../../src/output/encoders.ts";
import { outputs } from "../../src/output/outputs.ts";
import { type Encoder, NO_ROOM, OVERHANG } from "../../src/record/encoder.ts";
import { AccountingDecoder } from "../../src/source/accounting/decoder.ts";
import { decodeAll, SECONDS } from "../counter/sample.ts";
import { concat } from "../packet/sample.ts";
import { account, mark, named } from "../source/accounting/sample.ts";
import { disclosed } from "./disclosed.ts";
import { outputFixtures } from "./outputs/fixtures.ts";

/** Stands around memory that an encoder may write to. */
const GUARD = 0xe7;
const AREA = 64 * 1024;

/** Options with which an output takes counters, where those of its fixture do not. */
const VARIANTS: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  xml: [{ records: "counters" }],
};

/** Names that try to end a record, to begin another one, or to act on a terminal. */
const HOSTILE = [
  "a\nb",
  "a\r\nweb.pkts 9 9",
  'x", "sum.pkts": 9, "y": "',
  "\x1b[2J\x07",
  "\u202eweb\u2028",
  "x\ty",
  "a b;c=d,e",
];

/** Returns counters of all kinds, whose differences are known. */
function samples(names: readonly string[]): RawCounter[] {
  const decoder = new AccountingDecoder();
  const reading = (number: number) =>
    names.flatMap((name) => [
      account(name, { packets: 10 * number, bytes: 400 * number, reading: number }),
      named(name, name, { packets: 3 * number, bytes: 2 ** 50, reading: number }),
    ]);
  decodeAll(concat(mark(EARLIER, 1, SECONDS), ...reading(1), mark(WHOLE, 1)), decoder);
  return decodeAll(concat(...reading(2)), decoder, SECONDS + 10).map((one) => Counter.rawOf(one));
}

/** Returns what an encoder writes. */
function encoded(encoder: Encoder<RawCounter>, counter: RawCounter): Uint8Array {
  const out = new Uint8Array(AREA);
  return out.slice(0, Math.max(0, encoder.encode(counter, out, 0)));
}

for (const [type, { kinds, buffering, database }] of Object.entries(outputs)) {
  if (!kinds.includes("counter")) continue;
  const { place, variants: ofFixture } = outputFixtures[type]!;
  const variants = VARIANTS[type] ?? ofFixture;
  // Rows and records of messages have lengths, and end nothing.
  const isOfLines = buffering === "queue";
  for (const variant of variants.length === 0 ? [{}] : variants) {
    const { hostname: _, ...named } = variant as Record<string, unknown>;
    const options = disclosed(type, { ...place("."), ...variant });
    const make = () => encoders[type]!.counter!(options);
    const title = `${type} ${Object.values(named).join(" ")}`;

    Deno.test(`${title}: a counter's record is whole, and with too little room nothing is written past it`, () => {
      for (const counter of samples(["web"])) {
        const whole = encoded(make(), counter);
        assertGreater(whole.length, 0);
        if (isOfLines) assertEquals(whole.at(-1), 0x0a);
        else if (database !== undefined) assertEquals(cutRows([whole]).rows.length, 1);
        else assertEquals(cutFrame(whole)?.map(({ records }) => records), [1]);
        const memory = new Uint8Array(AREA);
        for (let room = 0, got = NO_ROOM; got === NO_ROOM; room++) {
          memory.fill(GUARD, 0, room + 256);
          got = make().encode(counter, memory.subarray(0, 64 + room), 64);
          assertEquals(got, got === NO_ROOM ? NO_ROOM : whole.length, `with ${room} bytes`);
          const written = got === NO_ROOM ? room : Math.min(room, got + OVERHANG);
          const isGuard = (byte: number) => byte === GUARD;
          assert(memory.subarray(0, 64).every(isGuard), "written before its place");
          assert(memory.subarray(64 + written, room + 256).every(isGuard), "written past it");
        }
      }
    });

    if (!isOfLines) continue;
    Deno.test(`${title}: no name makes a second record, or acts on a terminal`, () => {
      const lines = (bytes: Uint8Array) => new TextDecoder().decode(bytes).split("\n").length;
      const plain = samples(["web"]).map((counter) => lines(encoded(make(), counter)));
      const hostile = samples(HOSTILE);
      hostile.forEach((counter, index) => {
        const record = encoded(make(), counter);
        assertEquals(lines(record), plain[index % plain.length], new TextDecoder().decode(record));
        const text = new TextDecoder().decode(record).replaceAll(/[\n\t]/g, "");
        assertEquals(/[\p{Cc}\u2028\u2029\u202e]/u.exec(text), null, text);
      });
    });
  }
}
