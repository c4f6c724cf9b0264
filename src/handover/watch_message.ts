/**
 * Protocol of `nfscribe watch --running` with the process that it watches. Pure.
 *
 *     watch                                   run
 *     ── {"watch": NONCE} ─────────────────>  its socket for counters
 *     <─────── connects to @nfscribe-watch-NONCE and sends messages until either side closes
 *
 * Each message has a header of four words: kind, index of the source, and time of receipt in seconds
 * and nanoseconds. A text is JSON. Sources come first, and again after a reload; names of interfaces
 * before the first datagram that refers to them. What has no room in the socket is left out and
 * counted: the process that is watched never waits.
 */

import type { ActionPatterns } from "../packet/actions.ts";
import type { SourceStats } from "../source/source.ts";
import { decodeMessage } from "./protocol.ts";

/** Kinds of messages. */
export const SOURCES = 1;
export const NAMES = 2;
export const DATAGRAM = 3;
export const COUNTS = 4;
export const END = 5;

/** Size of a header, in bytes. */
export const HEADER_SIZE = 16;
/** Format of a nonce. */
const NONCE = /^[0-9a-f]{32}$/;

/** Source that is watched. */
export interface WatchedSource {
  name: string;
  /** Type of its decoder. */
  type: string;
  /** Options of its decoder; null if no decoder makes records of a part of the datagrams. */
  options: Record<string, unknown> | null;
}

/** Text of {@linkcode SOURCES}. */
export interface SourcesText {
  sources: WatchedSource[];
  actions: ActionPatterns;
}

/** Text of {@linkcode NAMES}: names of interfaces by index. */
export interface NamesText {
  /** Whether they replace those of before; otherwise they are added. */
  isFirst: boolean;
  names: (readonly [index: number, name: string])[];
}

/** Text of {@linkcode COUNTS}: since the client connected. */
export interface CountsText extends Omit<SourceStats, "received"> {
  /** Records that it did not get. */
  omitted: number;
}

/** Text of {@linkcode END}. */
export interface EndText {
  /** Reason, as a sentence without a full stop. */
  why: string;
}

/** Returns the address on which a client waits for the process. */
export function watchAddress(nonce: string): string {
  return `@nfscribe-watch-${nonce}`;
}

/**
 * Parses a client's line on the socket for counters.
 *
 * @returns Nonce of the request; undefined if it is none.
 */
export function watchNonce(bytes: Uint8Array): string | undefined {
  const nonce = decodeMessage(bytes)?.watch;
  return typeof nonce === "string" && NONCE.test(nonce) ? nonce : undefined;
}

/** Writes a header. */
export function writeHeader(
  words: Uint32Array,
  { kind, source = 0, seconds = 0, nanoseconds = 0 }: {
    kind: number;
    source?: number;
    seconds?: number;
    nanoseconds?: number;
  },
): void {
  words[0] = kind;
  words[1] = source;
  words[2] = seconds;
  words[3] = nanoseconds;
}

/** Encodes a message with a text. */
export function textMessage(
  kind: number,
  text: SourcesText | NamesText | CountsText | EndText,
  source = 0,
): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(text));
  const bytes = new Uint8Array(HEADER_SIZE + json.length);
  writeHeader(new Uint32Array(bytes.buffer, 0, HEADER_SIZE / 4), { kind, source });
  bytes.set(json, HEADER_SIZE);
  return bytes;
}

/** Returns the kind of a message of at least a header. */
export function messageKind({ buffer, byteOffset }: Uint8Array<ArrayBuffer>): number {
  return new DataView(buffer, byteOffset).getUint32(0, true);
}

/** Decodes the text of a message; undefined if it is no object of JSON. */
export function messageText(message: Uint8Array): Record<string, unknown> | undefined {
  return decodeMessage(message.subarray(HEADER_SIZE));
}
