import { assertEquals } from "@std/assert";
import { AccountingDecoder } from "../../../src/source/accounting/decoder.ts";
import {
  datagramsOf,
  decodeReading,
  encodeReading,
  joined,
  type Reading,
} from "../../../src/source/accounting/reading.ts";
import { decodeAll } from "../../counter/sample.ts";
import { account } from "./sample.ts";

/** Returns a reading of so many objects, which have counted so much each. */
function readingOf(objects: number, packets: number, sequence: number): Reading {
  const messages = Array.from(
    { length: objects },
    (_, number) => account(`n${number}`, { packets, bytes: packets, reading: sequence }),
  );
  const time = { seconds: 1_800_000_000 + sequence, nanoseconds: 980_497_000 };
  return { sequence, ...time, isWhole: true, kinds: ["nfacct"], datagrams: joined(messages) };
}

Deno.test("A reading comes back from memory as it was", () => {
  const reading = readingOf(3, 5, 9);
  const bytes = encodeReading(reading);
  assertEquals(decodeReading(bytes), reading);
  // A file in memory may be longer than what was written to it last.
  assertEquals(decodeReading(Uint8Array.of(...bytes, 1, 2, 3)), reading);
});

Deno.test("A large reading comes back from memory in datagrams of whole messages", () => {
  const reading = readingOf(5000, 5, 9);
  const { datagrams, ...rest } = decodeReading(encodeReading(reading))!;
  assertEquals(datagrams.every(({ length }) => length <= 32_768), true);
  const counters = datagramsOf({ ...rest, datagrams }, undefined).flatMap((one) => decodeAll(one));
  assertEquals(counters.length, 5000);
});

Deno.test("Bytes that hold no reading are none", () => {
  const bytes = encodeReading(readingOf(3, 5, 9));
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(decodeReading(bytes.slice(0, length)), undefined);
  }
  bytes[0] = 2;
  assertEquals(decodeReading(bytes), undefined);
});

Deno.test("A reading is divided between messages, and any decoder counts on from the one before", () => {
  const decoder = new AccountingDecoder();
  const reading = readingOf(5000, 10, 2);
  const datagrams = datagramsOf(reading, readingOf(5000, 3, 1));
  assertEquals(datagrams.every(({ length }) => length <= 32_768), true);
  assertEquals(datagrams.length > 10, true);
  // They have the time of the reading; that of the one before is in its mark.
  const counters = datagrams.flatMap((one) => decodeAll(one, decoder, reading.seconds));
  assertEquals(counters.length, 5000);
  assertEquals(counters.every(({ packets }) => packets === 7), true);
  assertEquals(new Set(counters.map(({ interval }) => interval)), new Set([1]));
  assertEquals([decoder.received, decoder.malformed], [5000, 0]);
});

Deno.test("A first reading has no counts, only totals", () => {
  const [datagram] = datagramsOf(readingOf(1, 10, 2), undefined);
  const [counter] = decodeAll(datagram!);
  assertEquals([counter!.packets, counter!.totalPackets], [undefined, 10]);
});
