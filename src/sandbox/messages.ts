/**
 * Encodes messages between the privileged process and a sandbox: a byte for the type, then numbers
 * and texts. Receivers do not trust them.
 */

/** Limit for a message, in bytes. */
export const MESSAGE_MAX = 32 * 1024;
/** Limit for the texts of a message. */
const TEXTS_MAX = 256;

/** Messages to a sandbox. */
export const ToSandbox = {
  /**
   * Starts the sandbox: slots, areas, length of the setup, which is in the ring's transfer area.
   */
  HELLO: 1,
  /**
   * Answers {@linkcode FromSandbox.FILE}: length of the file, which is in the ring's transfer area.
   */
  FILE: 2,
  /** Answers {@linkcode FromSandbox.FILE}: reason why there is no such file. */
  NO_FILE: 3,
  /**
   * Interface names of a source: source, whether this is the last message of the table; index and
   * name of each.
   */
  NAMES: 4,
} as const;

/** Messages from a sandbox. */
export const FromSandbox = {
  /**
   * Requests a file that the script imports: kind (`module`, `json`, `text`), and path relative to
   * the script's folder.
   */
  FILE: 1,
  /** Reports the end of loading: the script's first statement comes next. */
  SEALED: 2,
  /**
   * Reports that the script is loaded and started: tick interval in milliseconds, 0 for none;
   * whether it has a `stop` function.
   */
  READY: 3,
  /** Reports that the script cannot be used, or the sandbox cannot be sealed: file, reason. */
  REFUSED: 4,
  /** Log message of the script: text, then names and values. */
  LOG: 5,
  /**
   * Reports that an output cannot hold a record: index of the output, and EtherType, {@linkcode
   * NO_ETHERTYPE}, {@linkcode NO_PAYLOAD}, {@linkcode IS_FLOW} or {@linkcode IS_COUNTER}.
   */
  UNFIT: 6,
  /** Reports that the script threw: text. */
  FAULT: 7,
  /** Number of the script's messages that were suppressed. */
  SUPPRESSED: 8,
  /** Requests a slot for lines of the script. */
  LINES: 9,
  /** Reports that the script returned an unknown output's name: the name. */
  UNKNOWN_OUTPUT: 10,
} as const;

/**
 * Substitutes for an EtherType, which has 16 bits: a packet of unknown type, one without payload, a
 * flow, and a counter.
 */
export const NO_ETHERTYPE = 0x1_0000;
export const NO_PAYLOAD = 0x1_0001;
export const IS_FLOW = 0x1_0002;
export const IS_COUNTER = 0x1_0003;

/** Decoded message. */
export interface Message {
  /** Type: one of {@linkcode ToSandbox} or {@linkcode FromSandbox}. */
  type: number;
  /** Unsigned numbers. */
  numbers: number[];
  texts: string[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Encodes a message.
 *
 * @param type See {@linkcode ToSandbox} and {@linkcode FromSandbox}.
 * @param numbers Unsigned 32-bit numbers, 255 at the most.
 * @param texts Texts of any length; the message is cut at its limit.
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
 * Decodes a message.
 *
 * @param bytes Any bytes.
 * @returns Message; undefined if the bytes are invalid.
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
