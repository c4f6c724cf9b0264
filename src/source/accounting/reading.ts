/** A reading of all objects, and its form in memory that one process leaves to the next. Pure. */

import { concat, wordAlign } from "../../bytes/write.ts";
import type { ObjectKind } from "./request.ts";
import { EARLIER, encodeMark, PARTIAL, WHOLE } from "../../netlink/accounting/marks.ts";

/** A reading. */
export interface Reading {
  /** Its number, which its messages have as their sequence number. */
  sequence: number;
  /** Its time since the Unix epoch. */
  seconds: number;
  nanoseconds: number;
  /** Whether it has all objects. */
  isWhole: boolean;
  /** Kinds of objects that were read. */
  kinds: readonly ObjectKind[];
  /** Messages with the objects. */
  messages: Uint8Array<ArrayBuffer>;
}

/** Joins datagrams, each padded to a multiple of 4 bytes. */
export function joined(datagrams: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(datagrams.flatMap((datagram) => [
    datagram,
    new Uint8Array(wordAlign(datagram.length) - datagram.length),
  ]));
}

/**
 * Returns a reading as datagrams for a decoder, with the reading before in front: no decoder needs to
 * know that one.
 *
 * @param earlier The reading before; undefined if there is none.
 * @param most Bytes of a datagram at the most.
 */
export function datagramsOf(
  reading: Reading,
  earlier: Reading | undefined,
  most: number,
): Uint8Array<ArrayBuffer>[] {
  const all = concat([
    ...earlier === undefined ? [] : [encodeMark(EARLIER, earlier), ...partsOf(earlier)],
    ...partsOf(reading),
  ]);
  const view = new DataView(all.buffer);
  const datagrams: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < all.length;) {
    let end = from;
    while (end < all.length) {
      const next = end + Math.max(4, wordAlign(view.getUint32(end, true)));
      if (next - from > most && end > from) break;
      end = Math.min(next, all.length);
    }
    datagrams.push(all.subarray(from, end));
    from = end;
  }
  return datagrams;
}

function partsOf(reading: Reading): Uint8Array[] {
  return [reading.messages, encodeMark(reading.isWhole ? WHOLE : PARTIAL, reading)];
}

/** Version of the form in memory; others are refused. */
const VERSION = 1;
const HEADER = 32;
const KINDS: readonly ObjectKind[] = ["nfacct", "nft"];

/** Encodes a reading. */
export function encodeReading(reading: Reading): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(HEADER);
  const view = new DataView(head.buffer);
  view.setUint32(0, VERSION, true);
  view.setUint32(4, reading.sequence, true);
  view.setFloat64(8, reading.seconds, true);
  view.setUint32(16, reading.nanoseconds, true);
  view.setUint32(20, Number(reading.isWhole), true);
  view.setUint32(24, reading.messages.length, true);
  const bits = reading.kinds.map((kind) => 1 << KINDS.indexOf(kind));
  view.setUint32(28, bits.reduce((all, bit) => all | bit, 0), true);
  return concat([head, reading.messages]);
}

/** Decodes a reading; undefined if the bytes hold none. */
export function decodeReading(bytes: Uint8Array<ArrayBuffer>): Reading | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number) => view.getUint32(at, true);
  const end = HEADER + word(24);
  if (word(0) !== VERSION || end > bytes.length) return undefined;
  return {
    sequence: word(4),
    seconds: view.getFloat64(8, true),
    nanoseconds: word(16),
    isWhole: word(20) !== 0,
    kinds: KINDS.filter((_, bit) => (word(28) & 1 << bit) !== 0),
    messages: bytes.slice(HEADER, end),
  };
}
