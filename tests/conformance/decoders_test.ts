/**
 * The pure half of every source that is registered.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Memory } from "../../src/bytes/memory.ts";
import { SourceLedger } from "../../src/daemon/telemetry/ledger.ts";
import type { Decoder } from "../../src/record/decoder.ts";
import type { RawRecord } from "../../src/record/kind.ts";
import { decoderOf, decoders } from "../../src/source/decoders.ts";
import { kindOf } from "../../src/source/define.ts";
import { sources } from "../../src/source/sources.ts";
import { concat } from "../packet/sample.ts";
import { Random } from "../fuzz/random.ts";
import { type KindOfRecord, recordKinds } from "./kinds.ts";
import type { SourceFixture } from "./sources/fixture.ts";
import { sourceFixtures } from "./sources/fixtures.ts";

/** Bytes on either side of a datagram. */
const AROUND = 64;

/** Lays a datagram into memory, among other bytes. */
function laid(datagram: Uint8Array, fill: number): Memory {
  const memory = new Memory(new ArrayBuffer((datagram.length + 2 * AROUND + 3) & ~3));
  memory.bytes.fill(fill).set(datagram, AROUND);
  return memory;
}

/** A decoder, and the kind of record that it makes. */
interface Decoding {
  decoder: Decoder<RawRecord>;
  kind: KindOfRecord<RawRecord>;
}

/** Decodes a datagram; returns everything that comes of it. */
function outcome({ decoder, kind }: Decoding, datagram: Uint8Array, fill = 0) {
  const { received, malformed } = decoder;
  decoder.begin(laid(datagram, fill), AROUND, datagram.length, 1_700_000_000, 5);
  const packets: unknown[] = [];
  for (let raw = kind.makeRaw(); decoder.next(raw); raw = kind.makeRaw()) {
    packets.push(kind.observe(raw));
  }
  return {
    packets,
    received: decoder.received - received,
    malformed: decoder.malformed - malformed,
  };
}

/** Asserts that the same comes of a datagram whatever lies around it. */
function confined(make: () => Decoding, datagram: Uint8Array, what: string) {
  const first = outcome(make(), datagram, 0);
  for (const fill of [0xff, 0x45]) assertEquals(outcome(make(), datagram, fill), first, what);
  assertEquals(first.received, first.packets.length + first.malformed, what);
  return first;
}

Deno.test("Every type of source has a fixture, a definition and a decoder, and nothing else has", () => {
  assertEquals(Object.keys(sourceFixtures).sort(), Object.keys(sources).sort());
  assertEquals(Object.keys(decoders).sort(), Object.keys(sources).sort());
});

for (const [type, fixture] of Object.entries(sourceFixtures)) testDecoder(type, fixture);

function testDecoder(type: string, { options, packet, exceptions }: SourceFixture): void {
  const { kind: kindName } = decoderOf(type, options);
  const kind = recordKinds[kindName];
  const make = () => decoderOf(type, options).decoder;
  const begin = (): Decoding => ({ decoder: make(), kind });
  const datagram = (...numbers: number[]) => concat(...numbers.map(packet));

  Deno.test(`${type}: its decoder makes the kind of record that its definition names`, () => {
    assertEquals(kindName, kindOf(sources[type]!, options));
  });

  Deno.test(`${type}: cut at each byte it throws nothing, reads nothing outside, counts what is cut`, () => {
    const whole = datagram(0, 1);
    const first = packet(0).length;
    for (let length = 0; length <= whole.length; length++) {
      const { packets, malformed } = confined(begin, whole.slice(0, length), `cut at ${length}`);
      assertEquals(packets.length, Math.floor(length / first), `cut at ${length}`);
      assertEquals(malformed, length % first === 0 ? 0 : 1, `cut at ${length}`);
    }
  });

  Deno.test(`${type}: with any byte changed it throws nothing and reads nothing outside`, () => {
    const whole = datagram(0, 1);
    for (let at = 0; at < packet(0).length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff, whole[at]! + 1 & 0xff]) {
        const changed = whole.slice();
        changed[at] = value;
        confined(begin, changed, `byte ${at} is ${value}`);
      }
    }
  });

  Deno.test(`${type}: noise of any length throws nothing and reads nothing outside`, () => {
    const random = new Random(5);
    for (let length = 0; length < 600; length++) confined(begin, random.bytes(length), `${length}`);
  });

  Deno.test(`${type}: a datagram is gone on with at any packet, as after a full area`, () => {
    const whole = datagram(0, 1, 2, 3, 4);
    const memory = laid(whole, 0);
    const decoder = make();
    decoder.begin(memory, AROUND, whole.length, 0, 0);
    const raw = kind.makeRaw();
    for (let number = 0; number < 5; number++) {
      const at = decoder.position;
      assertEquals(at, AROUND + number * packet(0).length);
      const again = make();
      again.begin(memory, at, AROUND + whole.length - at, 0, 0);
      assert(again.next(kind.makeRaw()));
      const { generation } = raw;
      assert(decoder.next(raw));
      assertGreater(raw.generation, generation);
      assertEquals(kind.sourcePort(raw), number);
    }
    assertEquals(decoder.next(raw), false);
    assertEquals(decoder.next(raw), false);
    assertEquals([decoder.received, decoder.malformed, decoder.lost], [5, 0, 0]);
  });

  Deno.test(`${type}: a new datagram puts an end to the one before`, () => {
    const decoder = make();
    decoder.begin(laid(datagram(0, 1), 0), AROUND, packet(0).length * 2, 0, 0);
    assert(decoder.next(kind.makeRaw()));
    assertEquals(outcome({ decoder, kind }, datagram(2)).packets.length, 1);
  });

  Deno.test(`${type}: what several sandboxes decode of one group counts as if one had decoded it`, () => {
    const isNumbered = exceptions.numbers === undefined;
    const team = [make(), make(), make()];
    const ledger = new SourceLedger();
    const random = new Random(9);
    let number = 0;
    let lost = 0;
    let sent = 0;
    let malformed = 0;
    for (let n = 0; n < 300; n++) {
      const numbers = Array.from({ length: 1 + random.below(5) }, () => {
        if (random.below(6) === 0) {
          const gap = 1 + random.below(100);
          lost += gap;
          number += gap;
        }
        return number++;
      });
      const parts = numbers.map(packet);
      sent += parts.length;
      // A packet that is damaged at the end of its datagram counts as the one that it was.
      const isCut = random.below(10) === 0;
      if (isCut) malformed++;
      const bytes = concat(...parts);
      const decoder = random.pick(team);
      decoder.forget();
      const before = [decoder.received, decoder.malformed, decoder.lost] as const;
      outcome({ decoder, kind }, isCut ? bytes.slice(0, -8) : bytes);
      ledger.add({
        received: decoder.received - before[0],
        malformed: decoder.malformed - before[1],
        lost: decoder.lost - before[2],
        firstSeq: decoder.firstSeq,
        nextSeq: decoder.nextSeq,
      });
    }
    // What is missing before the last packets shows with the next one.
    if (isNumbered) assertEquals(ledger.expected, number);
    assertEquals(
      { received: ledger.received, lost: ledger.lost, malformed: ledger.malformed },
      { received: sent, lost: isNumbered ? lost : 0, malformed },
    );
  });
}
