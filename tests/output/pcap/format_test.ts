import { assertEquals, assertThrows } from "@std/assert";
import { endOfRecords, fileHeader } from "../../../src/pcap/write/pcap.ts";
import { concat, hex } from "../../packet/sample.ts";

const MIB = 1024 * 1024;

/** Returns a record of so many bytes, its header included. */
function record(size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x5a);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1_700_000_000, true);
  view.setUint32(4, 0, true);
  view.setUint32(8, size - 16, true);
  view.setUint32(12, size - 16, true);
  return bytes;
}

/** Finds the end of the records of a file in memory; reads return at most `most` bytes. */
function endOf(bytes: Uint8Array, most = Infinity): number {
  return endOfRecords(
    (offset, buffer) => {
      const part = bytes.subarray(offset, offset + Math.min(buffer.length, most));
      buffer.set(part);
      return part.length;
    },
    bytes.length,
    "raw",
  );
}

Deno.test("fileHeader() is version 2.4, microseconds, UTC, link type RAW, little-endian", () => {
  assertEquals(
    fileHeader("raw"),
    hex(`
      d4c3b2a1       # magic number
      0200 0400      # version 2.4
      00000000       # time zone: UTC
      00000000       # accuracy of time stamps, always 0
      00000400       # snapshot length: 262144
      65000000       # LINKTYPE_RAW: 101`),
  );
});

Deno.test("endOfRecords() of a fresh file is the end of its header", () => {
  assertEquals(endOf(fileHeader("raw")), 24);
});

Deno.test("endOfRecords() of whole records is the file's size", () => {
  assertEquals(endOf(concat(fileHeader("raw"), record(116))), 140);
  assertEquals(endOf(concat(fileHeader("raw"), record(116), record(16), record(17))), 173);
});

Deno.test("endOfRecords() of a header that a crash cut is 0: the file is written anew", () => {
  for (let size = 1; size < 24; size++) assertEquals(endOf(fileHeader("raw").subarray(0, size)), 0);
});

Deno.test("endOfRecords() returns the start of a record whose header is torn", () => {
  for (let size = 1; size < 16; size++) {
    assertEquals(endOf(concat(fileHeader("raw"), record(40), record(40).subarray(0, size))), 64);
  }
});

Deno.test("endOfRecords() returns the start of a record whose body is torn", () => {
  for (let size = 16; size < 40; size++) {
    assertEquals(endOf(concat(fileHeader("raw"), record(40), record(40).subarray(0, size))), 64);
  }
});

Deno.test("endOfRecords() takes zeros at the end for torn", () => {
  for (const size of [1, 15, 16, 17, 32, 100, 4096]) {
    assertEquals(endOf(concat(fileHeader("raw"), record(40), new Uint8Array(size))), 64, `${size}`);
  }
  assertEquals(endOf(concat(fileHeader("raw"), new Uint8Array(4096))), 24);
});

Deno.test("endOfRecords() takes an empty record of the year 1970 for real if a record follows it", () => {
  const empty = new Uint8Array(16);
  assertEquals(endOf(concat(fileHeader("raw"), record(40), empty, record(40))), 120);
  assertEquals(endOf(concat(fileHeader("raw"), empty, empty, record(40), empty)), 96);
});

Deno.test("endOfRecords() keeps an empty record that has a time", () => {
  assertEquals(endOf(concat(fileHeader("raw"), record(16))), 40);
});

Deno.test("endOfRecords() takes a record of the largest length, and no larger one", () => {
  const largest = record(16 + 262_144);
  assertEquals(endOf(concat(fileHeader("raw"), largest)), 24 + largest.length);
  assertThrows(
    () => endOf(concat(fileHeader("raw"), record(40), record(16 + 262_145))),
    Error,
    "it is damaged at byte 64: a record of 262145 bytes; choose another file",
  );
});

Deno.test("endOfRecords() follows records across its window of 1 MiB", () => {
  const records = Array.from({ length: 3000 }, (_, n) => record(1000 + n % 13));
  const whole = concat(fileHeader("raw"), ...records);
  assertEquals(whole.length > 2.8 * MIB, true);
  assertEquals(endOf(whole), whole.length);
  assertEquals(endOf(whole.subarray(0, -1)), whole.length - records.at(-1)!.length);
});

Deno.test("endOfRecords() reads a record's header that lies across the end of its window", () => {
  for (let before = 0; before <= 17; before++) {
    // Four records fill the window up to so many bytes before its end.
    const left = MIB - 24 - before - 3 * 262_150;
    const records = [262_150, 262_150, 262_150, left, 100, 50].map(record);
    const whole = concat(fileHeader("raw"), ...records);
    assertEquals(endOf(whole), whole.length, `${before}`);
    assertEquals(endOf(whole.subarray(0, -1)), whole.length - 50, `${before}`);
  }
});

Deno.test("endOfRecords() gets along with a file that gives less than is asked for", () => {
  const whole = concat(fileHeader("raw"), record(40), record(100), record(16), record(999));
  for (const most of [24, 25, 40, 64]) {
    assertEquals(endOf(whole, most), whole.length);
    assertEquals(endOf(whole.subarray(0, -1), most), whole.length - 999);
  }
});

Deno.test("endOfRecords() throws if the file shrinks meanwhile", () => {
  const whole = concat(fileHeader("raw"), record(200_000), record(900_000 - 16).subarray(0, 100));
  const shrunk = (offset: number, buffer: Uint8Array) => {
    buffer.set(whole.subarray(0, Math.min(whole.length, 100)));
    return offset === 0 ? 100 : 0;
  };
  assertThrows(
    () => endOfRecords(shrunk, whole.length, "raw"),
    Error,
    "it shrinks while it is read; is another program writing it?",
  );
});

/** Other files, and the errors; all but the first have records after the header. */
const OTHERS: readonly (readonly [what: string, header: Uint8Array, message: string])[] = [
  ["text", hex("68656c6c6f"), "it is not a pcap file; choose another file"],
  ["zeros", new Uint8Array(24), "it is not a pcap file; choose another file"],
  [
    "pcapng",
    hex("0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"),
    'it is a pcapng file, not pcap; choose another file, or the format "pcapng"',
  ],
  [
    "nanoseconds",
    hex("4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000"),
    "it is a pcap file with nanoseconds, and nfscribe writes microseconds; choose another file",
  ],
  [
    "nanoseconds, other byte order",
    hex("a1b23c4d 0002 0004 00000000 00000000 00040000 00000065"),
    "it is a pcap file with nanoseconds, and nfscribe writes microseconds; choose another file",
  ],
  [
    "other byte order",
    hex("a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065"),
    "it is a pcap file of the other byte order; choose another file",
  ],
  [
    "version 2.3",
    hex("d4c3b2a1 0200 0300 00000000 00000000 00000400 65000000"),
    "it is a pcap file of version 2.3, not 2.4; choose another file",
  ],
  [
    "Ethernet",
    hex("d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000"),
    'its link type is 1, not 101 (raw IP); choose another file, or the link type "ethernet"',
  ],
];

for (const [what, header, message] of OTHERS) {
  Deno.test(`endOfRecords() refuses another kind of file and names it: ${what}`, () => {
    const error = assertThrows(() => endOf(concat(header, record(40))), Error);
    assertEquals(error.message, message);
  });
}

Deno.test("endOfRecords() refuses a short file that does not begin like a header", () => {
  for (const bytes of [hex("00"), hex("d4c3b2a0"), hex("d4c3b2a1 0200 03")]) {
    assertThrows(() => endOf(bytes), Error, "it is not a pcap file; choose another file");
  }
});

Deno.test("endOfRecords() accepts another snapshot length and upper bits of the link type", () => {
  const header = hex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000010");
  assertEquals(endOf(concat(header, record(40))), 64);
});
