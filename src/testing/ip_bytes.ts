/**
 * IP headers around a segment, checksums included.
 *
 * @module
 */

import { IPV4_HEADER, IPV6_HEADER } from "../packet/ip.ts";
import { IPPROTO_ICMP, IPPROTO_UDP } from "../packet/protocols.ts";
import type { Segment } from "./transport_bytes.ts";

/** What goes into an IP header. */
export interface IpFields {
  /** The sender, one word of 32 bits for IPv4, four for IPv6. */
  source: Uint32Array;
  /** The receiver. */
  destination: Uint32Array;
  /** Hops left. */
  ttl: number;
  /** Type of service or traffic class. */
  trafficClass: number;
  /** IANA protocol number. */
  protocol: number;
}

/**
 * A whole packet.
 *
 * @param fields The header's.
 * @param segment What follows it; its checksum is filled in.
 * @returns The packet from its IP header on.
 */
export function ipPacket(fields: IpFields, segment: Segment): Uint8Array<ArrayBuffer> {
  return fields.source.length === 1 ? ipv4Packet(fields, segment) : ipv6Packet(fields, segment);
}

/** RFC 791 section 3.1. */
function ipv4Packet(fields: IpFields, segment: Segment): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(IPV4_HEADER + segment.bytes.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 4 << 4 | IPV4_HEADER / 4;
  bytes[1] = fields.trafficClass;
  view.setUint16(2, bytes.length);
  view.setUint16(4, 1);
  view.setUint16(6, 0x4000); // do not fragment
  bytes[8] = fields.ttl;
  bytes[9] = fields.protocol;
  setWords(view, 12, fields.source);
  setWords(view, 16, fields.destination);
  view.setUint16(10, folded(sum(bytes.subarray(0, IPV4_HEADER))));
  return withSegment(bytes, IPV4_HEADER, fields, segment);
}

/** RFC 8200 section 3. */
function ipv6Packet(fields: IpFields, segment: Segment): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(IPV6_HEADER + segment.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (6 << 28 | fields.trafficClass << 20) >>> 0);
  view.setUint16(4, segment.bytes.length);
  bytes[6] = fields.protocol;
  bytes[7] = fields.ttl;
  setWords(view, 8, fields.source);
  setWords(view, 24, fields.destination);
  return withSegment(bytes, IPV6_HEADER, fields, segment);
}

function withSegment(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  { source, destination, protocol }: IpFields,
  segment: Segment,
): Uint8Array<ArrayBuffer> {
  bytes.set(segment.bytes, at);
  if (segment.checksumAt === undefined) return bytes;
  // ICMP for IPv4 is the only one whose checksum leaves the pseudo header out.
  let total = sum(bytes.subarray(at));
  if (protocol !== IPPROTO_ICMP) {
    for (const word of [...source, ...destination]) total += (word >>> 16) + (word & 0xffff);
    total += segment.bytes.length + protocol;
  }
  const checksum = folded(total);
  // RFC 768: in UDP 0 says that there is none.
  const written = checksum === 0 && protocol === IPPROTO_UDP ? 0xffff : checksum;
  new DataView(bytes.buffer).setUint16(at + segment.checksumAt, written);
  return bytes;
}

function setWords(view: DataView, at: number, words: Uint32Array): void {
  words.forEach((word, index) => view.setUint32(at + 4 * index, word));
}

/** The sum of 16-bit words, the last one padded with zeros (RFC 1071). */
function sum(bytes: Uint8Array): number {
  let total = 0;
  bytes.forEach((byte, index) => total += index % 2 === 0 ? byte << 8 : byte);
  return total;
}

/** The checksum: carries added in, all bits turned. */
function folded(total: number): number {
  let left = total;
  while (left > 0xffff) left = (left & 0xffff) + Math.floor(left / 0x10000);
  return ~left & 0xffff;
}
