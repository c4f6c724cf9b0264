/**
 * Marks that the reader puts between the kernel's messages: a reading consists of answers to several
 * requests, and only the reader knows where it ends.
 */

import { encodeMessage, NLMSG_HDRLEN } from "../message.ts";

/** `NLMSG_NOOP` (linux/netlink.h): a message to be ignored, which the kernel does not send. */
export const NLMSG_NOOP = 1;

/** The messages that follow are those of an earlier reading, whose records were made; the mark has its time. */
export const EARLIER = 1;
/** The reading has ended, and had all objects. */
export const WHOLE = 2;
/** The reading has ended, and may lack objects. */
export const PARTIAL = 3;

/** Bytes of a mark. */
export const MARK_SIZE = 32;
/** Offsets in a mark: its kind, and the time since the Unix epoch. */
export const MARK_KIND = 16;
export const MARK_NANOSECONDS = 20;
export const MARK_SECONDS = 24;

/**
 * Encodes a mark.
 *
 * @param mark {@linkcode EARLIER}, {@linkcode WHOLE} or {@linkcode PARTIAL}.
 * @param reading Number of the reading, as its messages have it, and its time.
 */
export function encodeMark(
  mark: number,
  { sequence, seconds, nanoseconds }: { sequence: number; seconds: number; nanoseconds: number },
): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(MARK_SIZE - NLMSG_HDRLEN);
  const view = new DataView(payload.buffer);
  view.setUint32(MARK_KIND - NLMSG_HDRLEN, mark, true);
  view.setUint32(MARK_NANOSECONDS - NLMSG_HDRLEN, nanoseconds, true);
  // 32 bits, which last until 2106, are a possible time whatever they hold.
  view.setUint32(MARK_SECONDS - NLMSG_HDRLEN, seconds, true);
  return encodeMessage({ type: NLMSG_NOOP, flags: 0, sequence, payload });
}
