/**
 * How a spool's files are laid out: a segment begins with a head that names its
 * session, then come frames of rows, each with a head that holds its checksum.
 * All numbers are little-endian. Pure.
 *
 * @module
 */

import { crc32 } from "node:zlib";

/** Bytes of a segment's head. */
export const SEGMENT_HEAD = 48;
/** Bytes of a frame's head. */
export const FRAME_HEAD = 32;

const SEGMENT_MAGIC = new TextEncoder().encode("NFSPOOL1");
const FRAME_MAGIC = 0x4d52464e; // "NFRM"
/** Bytes of a frame's rows at the most; what a head says beyond is damage. */
export const FRAME_MOST = 1024 * 1024;

/** Bytes of a segment, at least, before the next one is begun. */
export const SEGMENT_SIZE = 16 * 1024 * 1024;
/** Bytes of a segment at the most; what is behind them is damage. */
export const SEGMENT_MOST: number = SEGMENT_SIZE + FRAME_HEAD + FRAME_MOST;
/** The last moment that a date can have (ECMAScript, "Time Values"), in milliseconds since the Unix epoch. */
const TIME_MOST = 8.64e15;
/** The latest start of a session that its segments' names can tell in 16 digits. */
const START_MOST = Number.MAX_SAFE_INTEGER;
/** The last place where a segment may begin, so that every place in it is a whole number. */
const BASE_MOST = Number.MAX_SAFE_INTEGER - SEGMENT_MOST;

/** What a segment's head says. */
export interface SegmentHead {
  /** The session that wrote it: a UUID. */
  session: string;
  /** Place of the segment's first byte in all that the session has spooled. */
  base: number;
}

/** What a frame's head says. */
export interface FrameHead {
  /** Bytes of its rows. */
  length: number;
  /** How many rows. */
  rows: number;
  /** CRC-32 of the rows (ISO 3309, as in zlib). */
  crc: number;
  /** When it was written: milliseconds since the Unix epoch. */
  timeMs: number;
}

/** The head of a segment. */
export function segmentHead({ session, base }: SegmentHead): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEAD);
  const view = new DataView(bytes.buffer);
  bytes.set(SEGMENT_MAGIC);
  bytes.set(Uint8Array.fromHex(session.replaceAll("-", "")), 8);
  view.setFloat64(24, base, true);
  view.setUint32(SEGMENT_HEAD - 4, crc32(bytes.subarray(0, SEGMENT_HEAD - 4)), true);
  return bytes;
}

/** What a segment's head says; undefined if it is none, or damaged. */
export function readSegmentHead(bytes: Uint8Array): SegmentHead | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SEGMENT_HEAD) return undefined;
  if (SEGMENT_MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const crc = crc32(bytes.subarray(0, SEGMENT_HEAD - 4));
  if (view.getUint32(SEGMENT_HEAD - 4, true) !== crc) return undefined;
  const hex = bytes.subarray(8, 24).toHex();
  const session = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { session, base: view.getFloat64(24, true) };
}

/**
 * Writes the head of a frame.
 *
 * @param out Where it goes: {@linkcode FRAME_HEAD} bytes.
 * @param rows The frame's rows, encoded.
 * @param count How many they are.
 * @param timeMs When: milliseconds since the Unix epoch.
 */
export function writeFrameHead(
  out: Uint8Array,
  rows: Uint8Array,
  count: number,
  timeMs: number,
): void {
  const view = new DataView(out.buffer, out.byteOffset, FRAME_HEAD);
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint32(4, rows.length, true);
  view.setUint32(8, count, true);
  view.setUint32(12, crc32(rows), true);
  view.setFloat64(16, timeMs, true);
  view.setUint32(24, 0, true);
  view.setUint32(28, crc32(out.subarray(0, FRAME_HEAD - 4)), true);
}

/** What a frame's head says; undefined if there is none, it is damaged, or nfscribe cannot have written it. */
export function readFrameHead(bytes: Uint8Array, at: number): FrameHead | undefined {
  if (at + FRAME_HEAD > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEAD);
  if (view.getUint32(0, true) !== FRAME_MAGIC) return undefined;
  if (view.getUint32(28, true) !== crc32(bytes.subarray(at, at + FRAME_HEAD - 4))) return undefined;
  const length = view.getUint32(4, true);
  const rows = view.getUint32(8, true);
  const timeMs = view.getFloat64(16, true);
  if (length > FRAME_MOST || rows === 0 || rows > length) return undefined;
  if (!(timeMs >= 0 && timeMs <= TIME_MOST)) return undefined;
  return { length, rows, crc: view.getUint32(12, true), timeMs };
}

/** Whether a frame's rows are what its head says. */
export function isWhole(head: FrameHead, rows: Uint8Array): boolean {
  return rows.length === head.length && crc32(rows) === head.crc;
}

/** A segment's file. */
export interface Segment {
  /** The file's name. */
  name: string;
  /** When its session began: milliseconds since the Unix epoch. */
  startMs: number;
  /** The session: a UUID. */
  session: string;
  /** Place of the segment's first byte in all that the session has spooled. */
  base: number;
  /** Its bytes, as the spool's size counts them; absent for a segment of this session. */
  bytes?: number;
  /** Rows that this session had spooled before; absent for an earlier session's. */
  rowsBefore?: number;
}

/** The name of a segment's file; names sort in the order in which rows were spooled. */
export function segmentName({ startMs, session, base }: Omit<Segment, "name">): string {
  return `${padded(startMs)}-${session}-${padded(base)}.rows`;
}

/** What the name of a segment's file says; undefined if it is none. */
export function parseSegmentName(name: string): Segment | undefined {
  const parts = /^(\d{16,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{16})\.rows$/.exec(
    name,
  );
  if (parts === null) return undefined;
  const [startMs, base] = [Math.min(Number(parts[1]), START_MOST), Number(parts[3])];
  return base > BASE_MOST ? undefined : { name, startMs, session: parts[2]!, base };
}

/**
 * The start of a session that comes after others: the time, or where the clock was
 * set back, later than all of them.
 *
 * @param newestMs The start of the newest of the others; absent where there is none.
 * @param nowMs The time: milliseconds since the Unix epoch.
 */
export function startAfter(newestMs: number | undefined, nowMs: number): number {
  return Math.min(START_MOST, Math.max(nowMs, (newestMs ?? 0) + 1));
}

/** Puts segments into the order of their rows. */
export function compareSegments(a: Segment, b: Segment): number {
  // Sessions that begin at once stay apart.
  return a.startMs - b.startMs || Number(a.session > b.session) - Number(a.session < b.session) ||
    a.base - b.base;
}

function padded(value: number): string {
  return String(value).padStart(16, "0");
}
