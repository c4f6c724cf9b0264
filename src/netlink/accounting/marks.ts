/**
 * Marks that the reader puts between the kernel's messages: a reading consists of answers to several
 * requests, and only the reader knows where it ends.
 */

import { encodeMessage } from "../message.ts";

/** `NLMSG_NOOP` (linux/netlink.h): a message to be ignored, which the kernel does not send. */
export const NLMSG_NOOP = 1;

/** The messages that follow are those of an earlier reading, whose records were made. */
export const EARLIER = 1;
/** The reading has ended, and had all objects. */
export const WHOLE = 2;
/** The reading has ended, and may lack objects. */
export const PARTIAL = 3;

/** Bytes of a mark. */
export const MARK_SIZE = 20;

/**
 * Encodes a mark.
 *
 * @param mark {@linkcode EARLIER}, {@linkcode WHOLE} or {@linkcode PARTIAL}.
 * @param sequence Number of the reading, as its messages have it.
 */
export function encodeMark(mark: number, sequence: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(Uint32Array.of(mark).buffer);
  return encodeMessage({ type: NLMSG_NOOP, flags: 0, sequence, payload });
}
