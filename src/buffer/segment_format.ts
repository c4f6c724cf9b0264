/**
 * Format of a segment log's files: a segment begins with a head that names its
 * session, then come frames of records, each with a head that holds checksums.
 * All numbers are little-endian. Pure.
 */

import { nodeZlib } from "../builtin_modules.ts";

/** Bytes of a segment's head. */
export const SEGMENT_HEAD = 48;
/** Bytes of a frame's head. */
export const FRAME_HEAD = 32;
/** Most bytes of a frame's records; a head that says more is damaged. */
export const FRAME_MOST = 1024 * 1024;
/** Bytes after which the next segment is begun. */
export const SEGMENT_SIZE = 16 * 1024 * 1024;
/** Most bytes of a segment; what is behind them is damage. */
export const SEGMENT_MOST: number = SEGMENT_SIZE + FRAME_HEAD + FRAME_MOST;

const SEGMENT_MAGIC = new TextEncoder().encode("NFSPOOL1");
const FRAME_MAGIC = 0x4d52464e; // "NFRM"
/** Last time of a date (ECMAScript, "Time Values"), in milliseconds since the Unix epoch. */
const TIME_MOST = 8.64e15;
/** Latest start of a session that fits into the 16 digits of a segment's name. */
const START_MOST = Number.MAX_SAFE_INTEGER;

/** Head of a frame. */
export interface FrameHead {
  /** Bytes of its records. */
  length: number;
  records: number;
  /** CRC-32 of the records (ISO 3309, as in zlib). */
  crc: number;
  /** Time of writing, in milliseconds since the Unix epoch; 0 if it is not known. */
  timeMs: number;
  /** A number of the writer's own. */
  tag: number;
}

/** A segment's file. */
export interface Segment {
  /** The file's name. */
  name: string;
  /** Start of its session, in milliseconds since the Unix epoch. */
  startMs: number;
  /** The session: a UUID. */
  session: string;
  /** Position of the segment's first byte in all that the session has appended. */
  base: number;
  /** Its bytes that count towards the log's limit; absent for a segment of this session. */
  bytes?: number;
  /** Records that this session had appended before; absent for an earlier session's. */
  recordsBefore?: number;
}

/** Returns the head of a segment. */
export function segmentHead({ session, base }: Pick<Segment, "session" | "base">): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEAD);
  const view = new DataView(bytes.buffer);
  bytes.set(SEGMENT_MAGIC);
  bytes.set(Uint8Array.fromHex(session.replaceAll("-", "")), 8);
  view.setFloat64(24, base, true);
  view.setUint32(SEGMENT_HEAD - 4, crcOf(bytes.subarray(0, SEGMENT_HEAD - 4)), true);
  return bytes;
}

/** Writes the head of a frame of some records; {@linkcode FrameHead} has the meaning of the numbers. */
export function writeFrameHead(
  out: Uint8Array,
  bytes: Uint8Array,
  records: number,
  tag: number,
  timeMs: number,
): void {
  const view = new DataView(out.buffer, out.byteOffset, FRAME_HEAD);
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, records, true);
  view.setUint32(12, crcOf(bytes), true);
  view.setFloat64(16, timeMs, true);
  view.setUint32(24, tag, true);
  view.setUint32(28, crcOf(out.subarray(0, FRAME_HEAD - 4)), true);
}

/** Reads the frame's head at an offset; undefined for none that nfscribe can have written. */
export function readFrameHead(bytes: Uint8Array, at: number): FrameHead | undefined {
  if (at + FRAME_HEAD > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEAD);
  if (view.getUint32(0, true) !== FRAME_MAGIC) return undefined;
  if (view.getUint32(28, true) !== crcOf(bytes.subarray(at, at + FRAME_HEAD - 4))) return undefined;
  const length = view.getUint32(4, true);
  const records = view.getUint32(8, true);
  const timeMs = view.getFloat64(16, true);
  const tag = view.getUint32(24, true);
  if (length > FRAME_MOST || records > length || (records === 0 && tag === 0)) return undefined;
  if (!(timeMs >= 0 && timeMs <= TIME_MOST)) return undefined;
  return { length, records, crc: view.getUint32(12, true), timeMs, tag };
}

/** Returns where the next frame's head begins behind an offset; undefined where there is none. */
export function findFrame(bytes: Uint8Array, from: number): number | undefined {
  let at = from;
  do at = bytes.indexOf(FRAME_MAGIC & 0xff, at + 1); while (
    at !== -1 && readFrameHead(bytes, at) === undefined
  );
  return at === -1 ? undefined : at;
}

/** Returns whether a frame's records are what its head says. */
export function isWhole(head: FrameHead, bytes: Uint8Array): boolean {
  return bytes.length === head.length && crcOf(bytes) === head.crc;
}

/** Returns the name of a segment's file; names sort in the order in which segments were begun. */
export function segmentName({ startMs, session, base }: Omit<Segment, "name">): string {
  const [start, position] = [startMs, base].map((value) => String(value).padStart(16, "0"));
  return `${start}-${session}-${position}`;
}

/** Parses the name of a segment's file without its suffix; undefined if it is none. */
export function parseSegmentName(stem: string): Omit<Segment, "name"> | undefined {
  const parts = /^(\d{16,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{16})$/.exec(stem);
  const [startMs, base] = [Math.min(Number(parts?.[1]), START_MOST), Number(parts?.[3])];
  // Every position in it must be a whole number.
  const isExact = base + SEGMENT_MOST <= Number.MAX_SAFE_INTEGER;
  return isExact ? { startMs, session: parts![2]!, base } : undefined;
}

/** Returns the start of a session that comes after others, also where the clock was set back. */
export function startAfter(newestMs: number | undefined, nowMs: number): number {
  return Math.min(START_MOST, Math.max(nowMs, (newestMs ?? 0) + 1));
}

/** Compares segments by the order of their records; sessions that begin at once stay apart. */
export function compareSegments(a: Segment, b: Segment): number {
  return a.startMs - b.startMs || Number(a.session > b.session) - Number(a.session < b.session) ||
    a.base - b.base;
}

function crcOf(bytes: Uint8Array): number {
  return nodeZlib().crc32(bytes);
}
