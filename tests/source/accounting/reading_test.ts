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
  const time = { seconds: 1_800_000_000 + sequence, nanoseconds: 5 };
  return { sequence, ...time, isWhole: true, messages: joined(messages) };
}

Deno.test("A reading comes back from memory as it was", () => {
  const reading = readingOf(3, 5, 9);
  const bytes = encodeReading(reading);
  assertEquals(decodeReading(bytes), reading);
  // A file in memory may be longer than what was written to it last.
  assertEquals(decodeReading(Uint8Array.of(...bytes, 1, 2, 3)), reading);
});

Deno.test("Bytes that hold no reading are none", () => {
  const bytes = encodeReading(readingOf(3, 5, 9));
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(decodeReading(bytes.slice(0, length)), undefined);
  }
  bytes[0] = 2;
  assertEquals(decodeReading(bytes), undefined);
});

Deno.test("A reading is divided between messages, and counts on in the next one", () => {
  const decoder = new AccountingDecoder();
  const take = (reading: Reading, isEarlier: boolean) => {
    const datagrams = datagramsOf(reading, isEarlier, 1024);
    assertEquals(datagrams.every(({ length }) => length <= 1024), true);
    assertEquals(datagrams.length > 10, true);
    return datagrams.flatMap((datagram) => decodeAll(datagram, decoder, reading.seconds));
  };
  assertEquals(take(readingOf(500, 3, 1), true), []);
  const counters = take(readingOf(500, 10, 2), false);
  assertEquals(counters.length, 500);
  assertEquals(counters.every(({ packets, interval }) => packets === 7 && interval === 1), true);
  assertEquals([decoder.received, decoder.malformed], [500, 0]);
});
