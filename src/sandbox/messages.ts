/**
 * Messages between the privileged process and a sandbox, as bytes: a byte that says
 * what it is, then numbers and texts. The receiver checks all of it.
 *
 * @module
 */

/** Bytes of the longest message. */
export const MESSAGE_MAX = 32 * 1024;
/** Texts that a message has at the most. */
const TEXTS_MAX = 256;

/** Messages to a sandbox. */
export const ToSandbox = {
  /** First of all: slots, areas, bytes of the setup, which lies in the ring (`transfer`). */
  HELLO: 1,
  /** Answers {@linkcode FromSandbox.FILE}: bytes of the file, which lies in the ring (`transfer`). */
  FILE: 2,
  /** Answers it: why there is no such file. */
  NO_FILE: 3,
  /** Names of a source's interfaces: the source, whether these are the first of a new table, whether the last; index and name of each. */
  NAMES: 4,
} as const;

/** Messages from a sandbox. */
export const FromSandbox = {
  /** Asks for a file that the script imports: what it is taken for (`module`, `json`, `text`), and its path from the script's folder. */
  FILE: 1,
  /** Nothing can be asked for any more: the script's first statement comes next. */
  SEALED: 2,
  /** The script is loaded and started: milliseconds between ticks, 0 for none; whether it wants to know of its end. */
  READY: 3,
  /** The script cannot be used, or the sandbox not be sealed: which file, why. */
  REFUSED: 4,
  /** The script logs: a message, then names and values. */
  LOG: 5,
  /** An output cannot hold a packet: the output's number, and the packet's EtherType; {@linkcode NO_ETHERTYPE} and {@linkcode NO_PAYLOAD} stand for others. */
  UNFIT: 6,
  /** The script threw. */
  FAULT: 7,
  /** Messages of the script were left out: how many. */
  LEFT_OUT: 8,
  /** Lines of the script wait for a slot. */
  LINES: 9,
  /** The script returned a name that no output has: the name. */
  UNKNOWN_OUTPUT: 10,
} as const;

/** Stand for an EtherType, which has 16 bits: a packet of unknown kind, and one without payload. */
export const NO_ETHERTYPE = 0x1_0000;
export const NO_PAYLOAD = 0x1_0001;

/** A message that was received. */
export interface Message {
  /** Its type: one of {@linkcode ToSandbox} or {@linkcode FromSandbox}. */
  type: number;
  /** Its numbers, unsigned. */
  numbers: number[];
  /** Its texts. */
  texts: string[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Writes a message.
 *
 * @param type See {@linkcode ToSandbox} and {@linkcode FromSandbox}.
 * @param numbers Unsigned, of 32 bits; 255 at the most.
 * @param texts As long as they like; what would make the message too long is cut.
 */
export function messageBytes(
  type: number,
  numbers: readonly number[] = [],
  texts: readonly string[] = [],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(MESSAGE_MAX);
  const view = new DataView(bytes.buffer);
  bytes[0] = type;
  bytes[1] = numbers.length;
  let at = 2;
  for (let index = 0; index < numbers.length; index++, at += 4) {
    view.setUint32(at, numbers[index]!, true);
  }
  for (let index = 0; index < texts.length && at + 2 <= bytes.length; index++) {
    const room = bytes.subarray(at + 2);
    const { written } = encoder.encodeInto(texts[index]!, room);
    view.setUint16(at, written, true);
    at += 2 + written;
  }
  return bytes.slice(0, at);
}

/**
 * Reads a message.
 *
 * @param bytes Any bytes.
 * @returns It; undefined where the bytes are none.
 *
 * @example
 * ```ts
 * import { FromSandbox, messageBytes, readMessage } from "./messages.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = messageBytes(FromSandbox.LOG, [], ["seen", "PORT", "22"]);
 * assertEquals(readMessage(bytes)?.texts, ["seen", "PORT", "22"]);
 * assertEquals(readMessage(bytes.subarray(0, 9)), undefined);
 * ```
 */
export function readMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < 2 || bytes.length > MESSAGE_MAX) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers: number[] = [];
  const count = bytes[1]!;
  let at = 2;
  if (at + 4 * count > bytes.length) return undefined;
  for (; numbers.length < count; at += 4) numbers.push(view.getUint32(at, true));
  const texts: string[] = [];
  while (at < bytes.length) {
    if (at + 2 > bytes.length || texts.length === TEXTS_MAX) return undefined;
    const end = at + 2 + view.getUint16(at, true);
    if (end > bytes.length) return undefined;
    texts.push(decoder.decode(bytes.subarray(at + 2, end)));
    at = end;
  }
  return { type: bytes[0]!, numbers, texts };
}
