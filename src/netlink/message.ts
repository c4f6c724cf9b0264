/**
 * Netlink messages: `struct nlmsghdr` and the kernel's replies (linux/netlink.h).
 * Headers are in the host's byte order, which is little-endian wherever Deno runs.
 */

import { wordAlign } from "../bytes/write.ts";

/** `NLMSG_HDRLEN` (linux/netlink.h): `sizeof(struct nlmsghdr)`, in bytes. */
export const NLMSG_HDRLEN = 16;

/** `NLMSG_ERROR` (linux/netlink.h): an error, or with number 0 an acknowledgement. */
export const NLMSG_ERROR = 2;
/** `NLMSG_DONE` (linux/netlink.h): the end of a multipart message. */
export const NLMSG_DONE = 3;

/** `NLM_F_REQUEST` (linux/netlink.h) */
export const NLM_F_REQUEST = 1;
/** `NLM_F_MULTI` (linux/netlink.h) */
export const NLM_F_MULTI = 2;
/** `NLM_F_ACK` (linux/netlink.h): requests an acknowledgement. */
export const NLM_F_ACK = 4;
/** `NLM_F_DUMP` (linux/netlink.h): requests all entries. */
export const NLM_F_DUMP = 0x300;

/** A message in a datagram. */
export interface NetlinkMessage {
  /** `nlmsg_type` */
  type: number;
  /** `nlmsg_flags` */
  flags: number;
  /** `nlmsg_seq`: the sequence number of the request, repeated in the reply. */
  sequence: number;
  /** Bytes after the header: a view, not a copy. */
  payload: Uint8Array;
}

/**
 * Encodes a message.
 *
 * @param message Its fields.
 * @returns The bytes, header included; the sender's port id is left to the kernel.
 *
 * @example
 * ```ts
 * import { encodeMessage, NLM_F_REQUEST, readMessages } from "./message.ts";
 *
 * const bytes = encodeMessage({ type: 18, flags: NLM_F_REQUEST, sequence: 1, payload: new Uint8Array(16) });
 * console.log([...readMessages(bytes)][0]?.type); // 18
 * ```
 */
export function encodeMessage(message: NetlinkMessage): Uint8Array<ArrayBuffer> {
  const length = NLMSG_HDRLEN + message.payload.length;
  const bytes = new Uint8Array(wordAlign(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, message.type, true);
  view.setUint16(6, message.flags, true);
  view.setUint32(8, message.sequence, true);
  bytes.set(message.payload, NLMSG_HDRLEN);
  return bytes;
}

/**
 * Iterates over the messages of a datagram, up to its end or to the first message that does not
 * fit. The last message may lack its padding.
 *
 * @param bytes The datagram.
 */
export function* readMessages(bytes: Uint8Array): Generator<NetlinkMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + NLMSG_HDRLEN <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || length > bytes.length - at) return;
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: bytes.subarray(at + NLMSG_HDRLEN, at + length),
    };
    at += wordAlign(length);
  }
}

/**
 * Finds the kernel's answer to a request: `struct nlmsgerr` (linux/netlink.h).
 *
 * @param bytes A datagram.
 * @param sequence Sequence number of the request.
 * @returns The positive error number, 0 if the kernel acknowledged, undefined if the datagram has
 *   no answer to that request.
 */
export function readAcknowledgement(bytes: Uint8Array, sequence: number): number | undefined {
  for (const message of readMessages(bytes)) {
    if (message.type !== NLMSG_ERROR || message.sequence !== sequence) continue;
    if (message.payload.length < 4) return undefined;
    const { buffer, byteOffset } = message.payload;
    return -new DataView(buffer, byteOffset).getInt32(0, true) || 0;
  }
  return undefined;
}
