/**
 * Netlink attributes: `struct nlattr` (linux/netlink.h), a length that counts
 * its own 4 bytes, a type, a value, padding to 4.
 */

import { wordAlign } from "../bytes/write.ts";

/** `NLA_HDRLEN` (linux/netlink.h), in bytes. */
export const NLA_HDRLEN = 4;
/** `NLA_TYPE_MASK` (linux/netlink.h): the type without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
export const NLA_TYPE_MASK = 0x3fff;

/** `NLA_F_NESTED` (linux/netlink.h): the value consists of attributes. */
export const NLA_F_NESTED = 0x8000;

/** The longest value in bytes: `nla_len` is a `u16` that includes the header. */
const NLA_VALUE_MAX = 0xffff - NLA_HDRLEN;

/** A netlink attribute. */
export interface NetlinkAttribute {
  /** Type without flags. */
  type: number;
  /** Value: a view, not a copy. */
  value: Uint8Array;
}

/**
 * Encodes a sequence of attributes.
 *
 * @param attributes Their types and values.
 * @returns The bytes, each attribute padded to 4.
 * @throws {RangeError} If a value is longer than 65,531 bytes, the most that `nla_len` can express.
 *
 * @example
 * ```ts
 * import { be32, encodeAttributes, readAttributes } from "./attribute.ts";
 *
 * const bytes = encodeAttributes([{ type: 5, value: be32(512) }]);
 * console.log([...readAttributes(bytes)][0]?.value); // Uint8Array(4) [ 0, 0, 2, 0 ]
 * ```
 */
export function encodeAttributes(attributes: readonly NetlinkAttribute[]): Uint8Array<ArrayBuffer> {
  const sizes = attributes.map(({ value }) => wordAlign(NLA_HDRLEN + value.length));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  attributes.forEach(({ type, value }, index) => {
    if (value.length > NLA_VALUE_MAX) {
      throw new RangeError(
        `Cannot encode attribute ${type}: its value is ${value.length} bytes long`,
      );
    }
    view.setUint16(at, NLA_HDRLEN + value.length, true);
    view.setUint16(at + 2, type, true);
    bytes.set(value, at + NLA_HDRLEN);
    at += sizes[index]!;
  });
  return bytes;
}

/**
 * Iterates over the attributes in these bytes, up to the end or to the first attribute that does
 * not fit.
 *
 * @param bytes The part of a message after its own header.
 */
export function* readAttributes(bytes: Uint8Array): Generator<NetlinkAttribute> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + NLA_HDRLEN <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < NLA_HDRLEN || length > bytes.length - at) return;
    yield {
      type: view.getUint16(at + 2, true) & NLA_TYPE_MASK,
      value: bytes.subarray(at + NLA_HDRLEN, at + length),
    };
    at += wordAlign(length);
  }
}

/** Encodes a 16-bit integer in network byte order. */
export function be16(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}

/** Encodes a 32-bit integer in network byte order. */
export function be32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
