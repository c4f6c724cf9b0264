/**
 * Invariants of any capture file.
 *
 * @module
 */

import { CAPTURED_MAX } from "../../src/pcap/read/layout.ts";
import type { Packer } from "../../src/source/pcap/packed.ts";
import { parserOf } from "../../src/pcap/read/parser.ts";
import { newRecord, type RecordParser, Step } from "../../src/pcap/read/record.ts";
import { Window, WINDOW_SIZE } from "../../src/pcap/read/window.ts";
import { PackedBytes, unpackAll } from "../source/pcap/packed.ts";
import type { Random } from "./random.ts";

/** Result of reading a file. */
interface Outcome {
  /** Length and time of each record. */
  records: number[];
  /** Position and kind of the end. */
  end: string;
}

/**
 * Reads a file at once, and in pieces of random lengths.
 *
 * @returns The number of its records.
 * @throws {Error} If an invariant is violated, or the two results differ.
 */
export function checkFile(file: Uint8Array, random: Random): number {
  const [whole, pieces] = [read(file, () => file.length), read(file, () => 1 + random.below(64))];
  if (JSON.stringify(whole) === JSON.stringify(pieces)) return whole.records.length / 3;
  throw new Error(`${JSON.stringify(whole)} at once, ${JSON.stringify(pieces)} in pieces`);
}

/**
 * Decompresses a file at once, and in pieces of random lengths, and reads the result.
 *
 * @returns The number of its records.
 * @throws {Error} If an invariant is violated, or the two results differ.
 */
export async function checkPackedFile(
  file: Uint8Array,
  packer: Packer,
  random: Random,
): Promise<number> {
  const whole = await unpackAll(new PackedBytes(file), packer);
  const pieces = await unpackAll(new PackedBytes(file, () => 1 + random.below(64)), packer);
  if (whole.damage !== pieces.damage || whole.unpacked.toHex() !== pieces.unpacked.toHex()) {
    throw new Error(
      `${whole.unpacked.length} ${whole.damage} at once, ` +
        `${pieces.unpacked.length} ${pieces.damage} in pieces`,
    );
  }
  return checkFile(whole.unpacked, random);
}

/** The window's memory is large: files share it, with the contents that the previous one left. */
const MEMORY = new Uint8Array(WINDOW_SIZE);

/** Returns everything that a file contains. */
function read(file: Uint8Array, pieceLength: () => number): Outcome {
  const window = new Window(MEMORY);
  const record = newRecord();
  const records: number[] = [];
  let parser: RecordParser | undefined;
  for (let at = 0;;) {
    let step: number = Step.MORE;
    if (parser === undefined) {
      try {
        parser = parserOf(window);
      } catch (error) {
        // A refusal with a message is valid.
        if (error instanceof Error && error.constructor === Error) {
          return { records, end: error.message };
        }
        throw error;
      }
    }
    if (parser !== undefined) step = parser.next(window, record);
    if (step === Step.RECORD) {
      const { data, captured, size, seconds, nanoseconds } = record;
      const isWithin = data >= window.at && data + captured <= window.filled &&
        captured <= CAPTURED_MAX && size >= captured && size > 0;
      const isTime = seconds >= 0 && nanoseconds >= 0 && nanoseconds < 1e9 &&
        Number.isSafeInteger(seconds) && Number.isSafeInteger(nanoseconds);
      if (!isWithin || !isTime) throw new Error(`Finds ${JSON.stringify(record)}`);
      records.push(captured, seconds, nanoseconds);
      window.skip(size);
    } else if (step === Step.DAMAGED) {
      if (parser!.damage === "") throw new Error("Does not say what is damaged");
      return { records, end: `${window.offset} ${parser!.damage}` };
    } else if (at < file.length) {
      const piece = file.subarray(at, at + Math.min(pieceLength(), window.room().length));
      window.room().set(piece);
      window.add(piece.length);
      at += piece.length;
      window.isLast = false;
    } else if (window.isLast) {
      return { records, end: `${window.offset} ${parser?.cut(window)}` };
    } else {
      window.isLast = true;
    }
  }
}
