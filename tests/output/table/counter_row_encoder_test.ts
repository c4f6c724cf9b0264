import { assert, assertEquals } from "@std/assert";
import { Counter } from "../../../src/counter/counter.ts";
import { structuredCounter } from "../../../src/counter/structured.ts";
import { CounterRowEncoder } from "../../../src/output/table/counter_row_encoder.ts";
import { COUNTERS } from "../../../src/output/table/counters.ts";
import { cutRows, describeRow } from "../../../src/output/table/parse_row.ts";
import { tableOfRow } from "../../../src/output/table/record_tables.ts";
import { storedCounter } from "../../../src/output/table/stored_counter.ts";
import { counter } from "nfscribe/testing";
import { NO_ROOM } from "../../../src/record/encoder.ts";

const OPTIONS = { hostname: "gate", session: "0198c0de-0000-7000-8000-000000000001" };

/** Counters of all kinds. */
const SAMPLES = [
  counter({ name: "web", packets: 5, bytes: 155, interval: 10 }),
  counter({
    name: "web",
    family: "inet",
    table: "filter",
    totalPackets: 2 ** 53 - 1,
    totalBytes: 0,
  }),
  limited(2 | 4, 2 ** 40),
  limited(1, 7),
];

/** Returns an object of nfacct with a limit; `flags` are those of nfnetlink_acct.h. */
function limited(flags: number, quota: number): Counter {
  const made = counter({ name: "Jörg", object: "nfacct", restarted: true });
  Object.assign(Counter.rawOf(made), { flags, quota });
  return made;
}

Deno.test("A counter's row is its structured form", () => {
  const encoder = new CounterRowEncoder(OPTIONS);
  for (const [index, sample] of SAMPLES.entries()) {
    const raw = Counter.rawOf(sample);
    raw.capture = "accounting";
    if (index === 0) raw.extra = new TextEncoder().encode('{"customer":7}');
    const out = new Uint8Array(4096);
    const length = encoder.encode(raw, out, 3);
    assert(length > 0);
    const row = out.subarray(3, 3 + length);
    assertEquals([cutRows([row]).rows.length, tableOfRow(row)], [1, COUNTERS]);
    const { capture, extra } = raw;
    const { hostname: host, session } = OPTIONS;
    const form = structuredCounter(sample, { host, session, capture, extra });
    assertEquals({ ...storedCounter(describeRow(row)) }, { ...form });
    for (let size = 0; size < length; size++) {
      assertEquals(encoder.encode(raw, new Uint8Array(size), 0), NO_ROOM);
    }
  }
});
