/**
 * Chunks of messages on their way from the reader to the decoder: parts, each the names of its sender
 * and records. Numbers are words of 4 bytes in the host's byte order, and everything begins at a
 * multiple of 4:
 *
 *     size │ size of names │ size of records │ form │ names in JSON, padding │ records, padding │ size │ …
 */

import { wordAlign, writeLe32 } from "../../bytes/write.ts";
import type { MessageHead } from "../../nats/format/message.ts";

/** Size of the numbers in front of a part, in bytes. */
export const PART_HEADER = 16;
/** Offsets of these numbers. */
export const NAMES_SIZE = 4;
export const RECORDS_SIZE = 8;
export const FORM = 12;

/** Form of records: those of a capture file, as the decoder of these takes them. */
export const FORM_CAPTURED = 0;
/** Form of records: lines of JSON. */
export const FORM_LINES = 1;

/** Most bytes of the names. */
export const NAMES_MOST: number = 64 * 1024;

/** A UUID, as databases store it. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Names that belong to all records of a part. */
export interface SenderNames {
  /** Name of the host. */
  host: string;
  /** Session of the nfscribe there: a UUID. */
  session: string;
  /** Name of the source there. */
  capture: string;
  /** Names of interfaces there, by index. */
  interfaces: readonly (readonly [index: number, name: string])[];
}

/** Encodes the names of a message's sender, with padding. */
export function encodeNames(
  { host, session, capture, interfaces }: MessageHead,
): Uint8Array<ArrayBuffer> {
  const names: SenderNames = { host, session, capture, interfaces: [...interfaces] };
  const text = JSON.stringify(names);
  const bytes = new Uint8Array(wordAlign(text.length * 3));
  const { written } = new TextEncoder().encodeInto(text, bytes);
  // JSON may end with spaces.
  return bytes.fill(0x20, written).subarray(0, wordAlign(written));
}

/** Decodes names; undefined for bytes that {@linkcode encodeNames} has not made. */
export function decodeNames(bytes: Uint8Array): SenderNames | undefined {
  try {
    const names: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isNames(names) ? names : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes a part in front of whose records there is room for its numbers and names.
 *
 * @param out Memory of the chunk.
 * @param at Offset of the part.
 * @param names Encoded names.
 * @param records Bytes of the records, which are at `at + PART_HEADER + names.length`.
 * @returns The size of the part.
 */
export function finishPart(
  out: Uint8Array,
  at: number,
  names: Uint8Array,
  records: number,
  form: number,
): number {
  const size = PART_HEADER + names.length + wordAlign(records);
  writeLe32(out, at, size);
  writeLe32(out, at + NAMES_SIZE, names.length);
  writeLe32(out, at + RECORDS_SIZE, records);
  writeLe32(out, at + FORM, form);
  out.set(names, at + PART_HEADER);
  out.fill(0, at + PART_HEADER + names.length + records, at + size);
  return size;
}

function isNames(value: unknown): value is SenderNames {
  if (typeof value !== "object" || value === null) return false;
  const { host, session, capture, interfaces } = value as Record<string, unknown>;
  return typeof host === "string" && typeof session === "string" && UUID.test(session) &&
    typeof capture === "string" && Array.isArray(interfaces) &&
    interfaces.every((pair) =>
      Array.isArray(pair) && Number.isInteger(pair[0]) && typeof pair[1] === "string"
    );
}
