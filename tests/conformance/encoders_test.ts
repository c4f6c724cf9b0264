/**
 * The pure half of every output that is registered: its encoders are made as a sandbox makes them.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Options } from "../../src/definition.ts";
import { encoders } from "../../src/output/encoders.ts";
import { outputs } from "../../src/output/outputs.ts";
import type { RawRecord } from "../../src/record/kind.ts";
import { type Encoder, LEFT_OUT, NO_ROOM, OVERHANG, UNFIT } from "../../src/record/encoder.ts";
import { disclosed } from "./disclosed.ts";
import { numberedFlow, randomFlows } from "./flows.ts";
import { numbered, randomPackets } from "./packets.ts";
import { type Hostile, hostileFlows, hostilePackets, testHostileTexts } from "./hostile_texts.ts";
import { outputFixtures } from "./outputs/fixtures.ts";
import { flowFixtures } from "./outputs/flows.ts";
import type { Shown } from "./outputs/fixture.ts";

/** Stands around memory that an encoder may write to. */
const GUARD = 0xe7;
const AREA = 512 * 1024;
const isGuard = (byte: number) => byte === GUARD;

/** Picks what must be shown; a format may show more. */
function picked(shown: Shown | undefined, must: Shown): Shown {
  const names = Object.keys(must) as (keyof Shown)[];
  return Object.fromEntries(names.map((name) => [name, shown?.[name]]));
}

Deno.test("Every type of output has a fixture, a definition and encoders, and nothing else has", () => {
  assertEquals(Object.keys(outputFixtures).sort(), Object.keys(outputs).sort());
  assertEquals(Object.keys(encoders).sort(), Object.keys(outputs).sort());
});

Deno.test("Every type of output that accepts flows has a fixture of flows, and nothing else has", () => {
  const types = Object.values(outputs).filter(({ kinds }) => kinds.includes("flow"));
  assertEquals(Object.keys(flowFixtures).sort(), types.map(({ type }) => type).sort());
});

/** Records of one kind, as the suite uses them. */
interface Subject<Raw extends RawRecord> {
  /** Whether a record is text. */
  isText: boolean;
  /** Text at the end of a record that a filter script made. */
  recordEnd: string;
  read(bytes: Uint8Array, options: Options): Shown[];
  shows(record: Raw, options: Options): Shown | undefined;
  /** Returns records that the format has no place for. */
  misfits: readonly Raw[];
  /** Whether there are such records. */
  hasMisfits: boolean;
  random(seed: number, count: number): Raw[];
  numbered(number: number): Raw;
  /** Whether records show numbers. */
  isNumbered: boolean;
  hostile: Hostile<Raw>;
}

for (const [type, fixture] of Object.entries(outputFixtures)) {
  Deno.test(`${type}: it has an encoder of each kind of record that it names, and no other`, () => {
    assertEquals(Object.keys(encoders[type]!).sort(), [...outputs[type]!.kinds].sort());
  });
  for (const variant of fixture.variants) {
    const { hostname: _, ...named } = variant as Record<string, unknown>;
    const title = `${type} ${Object.values(named).join(" ")}`;
    const table = { ...fixture.place("."), ...variant };
    const options = disclosed(type, table);
    const { packet } = encoders[type]!;
    if (packet === undefined) continue;
    const subject = {
      ...fixture,
      isText: fixture.isText ?? false,
      recordEnd: fixture.recordEnd ?? "\n",
      misfits: fixture.misfits(options),
      hasMisfits: fixture.exceptions(options).unfit === undefined,
      ...{ random: randomPackets, numbered, isNumbered: true, hostile: hostilePackets },
    };
    testEncoder(title, subject, options, () => packet(options));
  }
}

for (const [type, fixture] of Object.entries(flowFixtures)) {
  const { isText = false, recordEnd = "\n", place, variants } = outputFixtures[type]!;
  for (const variant of fixture.variants ?? variants) {
    const { hostname: _, ...named } = variant as Record<string, unknown>;
    const title = `${type} ${Object.values(named).join(" ")}, flows`;
    const options = disclosed(type, { ...place("."), ...variant });
    const { flow } = encoders[type]!;
    const subject = {
      ...{ ...fixture, isText, recordEnd, misfits: [], hasMisfits: false },
      ...{ random: randomFlows, numbered: numberedFlow, hostile: hostileFlows },
      isNumbered: fixture.shows(numberedFlow(7), options)?.sourcePort !== undefined,
    };
    testEncoder(title, subject, options, () => flow!(options));
  }
}

function testEncoder<Raw extends RawRecord>(
  title: string,
  subject: Subject<Raw>,
  options: Options,
  make: () => Encoder<Raw>,
): void {
  const { random, numbered, isNumbered } = subject;
  const shownNumber = (number: number) => isNumbered ? number : undefined;

  Deno.test(`${title}: random packets come back, and what it cannot hold leaves nothing`, () => {
    const encoder = make();
    const packets = random(1, 400);
    const out = new Uint8Array(AREA);
    let at = 0;
    const expected: Shown[] = [];
    for (const packet of packets) {
      const must = subject.shows(packet, options);
      const length = encoder.encode(packet, out, at);
      assertEquals(length === UNFIT || length === LEFT_OUT, must === undefined, `${length}`);
      if (must === undefined) continue;
      assertGreater(length, 0);
      at += length;
      expected.push(must);
    }
    const shown = subject.read(out.subarray(0, at), options);
    assertEquals(shown.length, expected.length);
    expected.forEach((must, index) => {
      assertEquals(picked(shown[index], must), must, `record ${index}`);
    });
  });

  Deno.test(`${title}: a packet that it cannot hold leaves nothing, or that is an exception`, () => {
    const { misfits, hasMisfits } = subject;
    assertEquals(misfits.length > 0, hasMisfits);
    const encoder = make();
    const out = new Uint8Array(AREA);
    const before = encoder.encode(numbered(1), out, 0);
    for (const misfit of misfits) assertEquals(encoder.encode(misfit, out, before), UNFIT);
    const length = before + encoder.encode(numbered(2), out, before);
    const shown = subject.read(out.subarray(0, length), options);
    assertEquals(shown.map((one) => one.sourcePort), [1, 2].map(shownNumber));
  });

  Deno.test(`${title}: with any room too little it writes nothing past it, and goes on`, () => {
    for (const packet of random(2, 5)) {
      if (subject.shows(packet, options) === undefined) continue;
      const roomy = new Uint8Array(AREA);
      const length = make().encode(packet, roomy, 0);
      const memory = new Uint8Array(AREA);
      // An encoder may ask for more room than it takes in the end.
      for (let room = 0, got = NO_ROOM; got === NO_ROOM; room++) {
        const encoder = make();
        memory.fill(GUARD, 0, room + 256);
        got = encoder.encode(packet, memory.subarray(0, 64 + room), 64);
        const written = got === NO_ROOM ? room : Math.min(room, got + OVERHANG);
        assertEquals(got, got === NO_ROOM ? NO_ROOM : length, `with a room of ${room} bytes`);
        assert(memory.subarray(0, 64).every(isGuard), `room ${room}: written before its place`);
        const behind = memory.subarray(64 + written, room + 256);
        assert(behind.every(isGuard), `room ${room}: written past its place`);
        assertLess(room, length + 4096, "it asks for far more than it takes");
        if (got !== NO_ROOM) continue;
        // The encoder begins the next area as if nothing had been.
        const again = encoder.encode(packet, memory, 0);
        assertEquals(memory.subarray(0, again).toHex(), roomy.subarray(0, length).toHex());
      }
    }
  });

  Deno.test(`${title}: a full area keeps its records, and the next one begins with the refused one`, () => {
    const encoder = make();
    const area = new Uint8Array(8192);
    const sent: Shown[] = [];
    const shown: Shown[] = [];
    let at = 0;
    for (let number = 0; number < 400; number++) {
      const packet = numbered(number);
      let length = encoder.encode(packet, area, at);
      if (length === NO_ROOM) {
        shown.push(...subject.read(area.subarray(0, at), options));
        at = 0;
        length = encoder.encode(packet, area, at);
      }
      assertGreater(length, 0);
      at += length;
      sent.push(subject.shows(packet, options)!);
    }
    shown.push(...subject.read(area.subarray(0, at), options));
    assertEquals(
      shown.map((one) => one.sourcePort),
      sent.map((_, number) => shownNumber(number)),
    );
  });

  Deno.test(`${title}: it changes no packet, and keeps none once it has encoded it`, () => {
    const encoder = make();
    const out = new Uint8Array(AREA);
    for (const packet of random(3, 100)) {
      const copy = packet.copy() as Raw;
      const before = packet.bytes.slice();
      const length = encoder.encode(packet, out, 0);
      assertEquals(packet.bytes, before);
      packet.bytes.fill(GUARD);
      const shown = subject.read(out.slice(0, Math.max(0, length)), options);
      const again = make().encode(copy, out, 0);
      assertEquals(subject.read(out.subarray(0, Math.max(0, again)), options), shown);
    }
  });

  if (subject.isText) testHostileTexts(title, subject, options, make);
  const { encodeEvent } = make();
  if (encodeEvent === undefined) return;
  Deno.test(`${title}: a line of the script's own takes one record, or nothing where there is no room`, () => {
    const fields = [["note", "a\nb"], ["x", "\u001b[31m"]] as const;
    const event = { seconds: 1_700_000_000, nanoseconds: 0, fields };
    const encoder = make();
    const roomy = new Uint8Array(AREA);
    const length = encoder.encodeEvent!(event, roomy, 0);
    const text = new TextDecoder().decode(roomy.subarray(0, length));
    const { recordEnd } = subject;
    assertEquals(text.split(recordEnd).map((part) => part === ""), [false, true], text);
    assert(!text.includes("\u001b"), text);
    for (let room = 0; room < length; room++) {
      const memory = new Uint8Array(length + 64).fill(GUARD);
      const got = make().encodeEvent!(event, memory.subarray(0, room), 0);
      assertEquals(got, NO_ROOM, `${room}`);
      assert(memory.subarray(room).every((byte) => byte === GUARD));
    }
  });
}
