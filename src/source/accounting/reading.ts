/** A reading of all objects, and its form in memory that one process leaves to the next. Pure. */

import { concat, wordAlign } from "../../bytes/write.ts";
import { EARLIER, encodeMark, PARTIAL, WHOLE } from "../../netlink/accounting/marks.ts";
import { encodeMessage, type NetlinkMessage, readMessages } from "../../netlink/message.ts";
import type { Names } from "./names.ts";
import { isObject, nameIn, type ObjectKind } from "./request.ts";

/** Bytes of a datagram, as the kernel makes them at the most: `NLMSG_GOODSIZE` in a dump. */
const DATAGRAM_MAX = 32 * 1024;

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
  /** Datagrams with the objects, each a multiple of 4 bytes long. */
  datagrams: readonly Uint8Array<ArrayBuffer>[];
}

/** Joins small datagrams, each padded to a multiple of 4 bytes; large ones stay as they are. */
export function joined(datagrams: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  const groups: Uint8Array<ArrayBuffer>[][] = [];
  let size = Infinity;
  for (const datagram of datagrams) {
    const length = wordAlign(datagram.length);
    if (size + length > DATAGRAM_MAX) {
      groups.push([]);
      size = 0;
    }
    size += length;
    groups.at(-1)!.push(datagram);
    if (length > datagram.length) groups.at(-1)!.push(new Uint8Array(length - datagram.length));
  }
  return groups.map((group) => group.length === 1 ? group[0]! : concat(group));
}

/**
 * Returns a reading as datagrams for a decoder, with the reading before in front: no decoder needs to
 * know that one.
 *
 * @param earlier The reading before; undefined if there is none.
 */
export function datagramsOf(
  reading: Reading,
  earlier: Reading | undefined,
): Uint8Array<ArrayBuffer>[] {
  return joined([
    ...earlier === undefined ? [] : [encodeMark(EARLIER, earlier), ...partsOf(earlier)],
    ...partsOf(reading),
  ]);
}

function partsOf(reading: Reading): Uint8Array<ArrayBuffer>[] {
  return [...reading.datagrams, encodeMark(reading.isWhole ? WHOLE : PARTIAL, reading)];
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
  view.setUint32(24, sizeOf(reading), true);
  const bits = reading.kinds.map((kind) => 1 << KINDS.indexOf(kind));
  view.setUint32(28, bits.reduce((all, bit) => all | bit, 0), true);
  return concat([head, ...reading.datagrams]);
}

/** Returns the bytes of all messages. */
export function sizeOf({ datagrams }: Reading): number {
  return datagrams.reduce((sum, { length }) => sum + length, 0);
}

/** Counts the chosen objects of a reading. */
export function countIn({ datagrams }: Reading, names: Names): number {
  let count = 0;
  for (const datagram of datagrams) {
    for (const message of readMessages(datagram)) if (isChosen(message, names)) count++;
  }
  return count;
}

/** Returns the messages of a reading with objects that are not chosen, as those of another reading. */
export function withoutChosen(
  { datagrams }: Reading,
  names: Names,
  sequence: number,
): Uint8Array<ArrayBuffer>[] {
  const messages = datagrams.flatMap((datagram) => [...readMessages(datagram)]);
  return joined(
    messages.filter((message) => isChosen(message, names) === false)
      .map((message) => encodeMessage({ ...message, sequence })),
  );
}

/** Returns whether names choose an object; undefined for a message without one. */
function isChosen(message: NetlinkMessage, names: Names): boolean | undefined {
  const kind = KINDS.find((kind) => isObject(kind, message));
  if (kind === undefined) return undefined;
  const name = nameIn(kind, message);
  return names.has(name, 0, name.length);
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
    datagrams: split(bytes.slice(HEADER, end)),
  };
}

/** Divides messages into datagrams. */
function split(messages: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(messages.buffer);
  const datagrams: Uint8Array<ArrayBuffer>[] = [];
  let from = 0;
  for (let end = 0; end + 4 <= messages.length;) {
    const next = Math.min(messages.length, end + Math.max(4, wordAlign(view.getUint32(end, true))));
    if (next - from > DATAGRAM_MAX && end > from) {
      datagrams.push(messages.subarray(from, end));
      from = end;
    }
    end = next;
  }
  return from < messages.length ? [...datagrams, messages.subarray(from)] : datagrams;
}
