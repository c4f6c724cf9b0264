import { assertEquals } from "@std/assert";
import { CAPTURED_MAX, OUTBOUND } from "../../../src/pcap/read/layout.ts";
import { parserOf } from "../../../src/pcap/read/parser.ts";
import { newRecord, Step } from "../../../src/pcap/read/record.ts";
import { Window } from "../../../src/pcap/read/window.ts";
import { concat, hex } from "../../packet/sample.ts";
import { fileHeader, type FileOptions, fileRecord } from "./sample.ts";

const DATA = hex("45 00 01 02 03");

/** Returns lengths, interface, direction and data of each record, and the damage. */
function parse(file: Uint8Array) {
  const window = new Window();
  window.room().set(file);
  window.add(file.length);
  window.isLast = true;
  const parser = parserOf(window)!;
  const record = newRecord();
  const records: unknown[] = [];
  let step: number;
  while ((step = parser.next(window, record)) === Step.RECORD) {
    const { captured, original, data, interface: number, kind } = record;
    const bytes = window.bytes.slice(data, data + captured);
    records.push([captured, original, number, (kind & OUTBOUND) !== 0, bytes]);
    window.skip(record.size);
  }
  return { records, wrong: step === Step.DAMAGED ? parser.damage : parser.cut(window) };
}

/** Returns a file whose records have these two words as lengths. */
function fileOf(options: FileOptions, first: number, second: number, extra = "") {
  const { littleEndian = true } = options;
  const record = (data: Uint8Array) =>
    concat(
      fileRecord(new Uint8Array(0), { littleEndian, captured: first, original: second }),
      hex(extra),
      data,
    );
  return concat(fileHeader(options), record(DATA), record(DATA));
}

Deno.test("Both lengths are distinguished in files of every version, in either byte order", () => {
  const cut = [5, 100, 0, false, DATA];
  const whole = [5, 5, 0, false, DATA];
  for (const littleEndian of [true, false]) {
    const read = (version: [number, number], first: number, second: number) =>
      parse(fileOf({ littleEndian, version }, first, second));
    for (const version of [[2, 3], [2, 4]] as [number, number][]) {
      assertEquals(read(version, 5, 100), { records: [cut, cut], wrong: undefined });
      assertEquals(read(version, 5, 5), { records: [whole, whole], wrong: undefined });
    }
    for (const version of [[2, 0], [2, 1], [2, 2], [2, 3], [543, 0]] as [number, number][]) {
      assertEquals(read(version, 100, 5), { records: [cut, cut], wrong: undefined });
      assertEquals(read(version, 5, 5), { records: [whole, whole], wrong: undefined });
    }
  }
});

Deno.test("A captured length that cannot be is damage, whichever of the two it is", () => {
  const wrong = `a record of ${CAPTURED_MAX + 1} bytes, where ${CAPTURED_MAX} is the most`;
  assertEquals(parse(fileOf({ version: [2, 2] }, 5, CAPTURED_MAX + 1)).wrong, wrong);
  assertEquals(parse(fileOf({ version: [2, 4] }, CAPTURED_MAX + 1, 5)).wrong, wrong);
});

Deno.test("Kuznetsov's headers have an interface and a direction", () => {
  const magic = 0xa1b2cd34;
  // interface 7, IPv4, an incoming packet, padding
  assertEquals(parse(fileOf({ magic }, 5, 100, "07000000 0008 00 00")), {
    records: [[5, 100, 7, false, DATA], [5, 100, 7, false, DATA]],
    wrong: undefined,
  });
  // an outgoing one, in a big-endian file
  const big = parse(fileOf({ magic, littleEndian: false }, 5, 5, "00000009 0800 04 00"));
  assertEquals(big.records[1], [5, 5, 9, true, DATA]);
  // without interface
  assertEquals(parse(fileOf({ magic }, 5, 5, "00000000 0000 00 00")).records.length, 2);
});

Deno.test("A truncated record is reported with its size, header included", () => {
  const magic = 0xa1b2cd34;
  const file = fileOf({ magic }, 5, 100, "07000000 0008 00 00");
  assertEquals(parse(file.subarray(0, -1)).wrong, "28 of the 29 bytes of a record");
  assertEquals(parse(file.subarray(0, 24 + 20)).wrong, "20 of the 24 bytes of a record's header");
  const swapped = fileOf({ version: [2, 2] }, 100, 5);
  assertEquals(parse(swapped.subarray(0, -1)).wrong, "20 of the 21 bytes of a record");
});
