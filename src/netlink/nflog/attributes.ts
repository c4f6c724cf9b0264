/**
 * Decodes the attributes of an nfnetlink_log packet, from the kernel or from a capture file of link
 * type NFLOG. Pure, and written by hand for speed: every packet passes here, nothing is allocated.
 */

import { wordAlign } from "../../bytes/write.ts";
import { NLA_HDRLEN, NLA_TYPE_MASK } from "../attribute.ts";
import { type Memory, readBe16, readBe32, secondsOf } from "../../bytes/memory.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import * as c from "./constants.ts";

/** The smallest valid size of each attribute's value, in bytes; 0 where any size is valid. */
const LEAST_SIZE = new Uint8Array(c.NFULA_L2HDR + 1);
LEAST_SIZE[c.NFULA_PACKET_HDR] = 4;
LEAST_SIZE[c.NFULA_MARK] = 4;
LEAST_SIZE[c.NFULA_TIMESTAMP] = 16;
LEAST_SIZE[c.NFULA_IFINDEX_INDEV] = 4;
LEAST_SIZE[c.NFULA_IFINDEX_OUTDEV] = 4;
LEAST_SIZE[c.NFULA_IFINDEX_PHYSINDEV] = 4;
LEAST_SIZE[c.NFULA_IFINDEX_PHYSOUTDEV] = 4;
LEAST_SIZE[c.NFULA_HWADDR] = 4;
LEAST_SIZE[c.NFULA_UID] = 4;
LEAST_SIZE[c.NFULA_SEQ] = 4;
LEAST_SIZE[c.NFULA_SEQ_GLOBAL] = 4;
LEAST_SIZE[c.NFULA_GID] = 4;
LEAST_SIZE[c.NFULA_HWTYPE] = 2;

/**
 * Decodes attributes into a packet and skips unknown ones.
 *
 * @param packet Filled in; fields without an attribute stay as they are.
 * @param memory Memory with the attributes.
 * @param start Offset of the first attribute, a multiple of 4.
 * @param end Offset after the last attribute.
 * @returns Whether they are valid; false if the packet is malformed.
 */
export function decodeAttributes(
  packet: RawPacket,
  memory: Memory,
  start: number,
  end: number,
): boolean {
  const { bytes, halves } = memory;
  let at = start;
  while (at + NLA_HDRLEN <= end) {
    const length = halves[at >> 1]!;
    if (length < NLA_HDRLEN || length > end - at) return false;
    const value = at + NLA_HDRLEN;
    const size = length - NLA_HDRLEN;
    const type = halves[(at >> 1) + 1]! & NLA_TYPE_MASK;
    if (size < LEAST_SIZE[type]!) return false;
    switch (type) {
      case c.NFULA_PACKET_HDR:
        packet.hwProtocol = readBe16(bytes, value);
        packet.hook = bytes[value + 2]!;
        break;
      case c.NFULA_PAYLOAD:
        packet.payloadOffset = value;
        packet.payloadLength = size;
        break;
      case c.NFULA_PREFIX:
        packet.prefixOffset = value;
        // The kernel includes a trailing NUL in the length.
        packet.prefixLength = size > 0 && bytes[value + size - 1] === 0 ? size - 1 : size;
        break;
      case c.NFULA_TIMESTAMP:
        if (!decodeTimestamp(packet, bytes, value)) return false;
        break;
      case c.NFULA_HWADDR:
        if (readBe16(bytes, value) > size - 4) return false;
        packet.hwAddressOffset = value + 4;
        packet.hwAddressLength = readBe16(bytes, value);
        break;
      case c.NFULA_HWHEADER:
        packet.hwHeaderOffset = value;
        packet.hwHeaderLength = size;
        break;
      case c.NFULA_L2HDR:
        packet.l2HeaderOffset = value;
        packet.l2HeaderLength = size;
        break;
      case c.NFULA_HWTYPE:
        packet.hwType = readBe16(bytes, value);
        break;
      case c.NFULA_VLAN:
        if (!decodeVlan(packet, memory, value, value + size)) return false;
        break;
      case c.NFULA_MARK:
        packet.mark = readBe32(bytes, value);
        break;
      case c.NFULA_IFINDEX_INDEV:
        packet.inDev = readBe32(bytes, value);
        break;
      case c.NFULA_IFINDEX_OUTDEV:
        packet.outDev = readBe32(bytes, value);
        break;
      case c.NFULA_IFINDEX_PHYSINDEV:
        packet.physInDev = readBe32(bytes, value);
        break;
      case c.NFULA_IFINDEX_PHYSOUTDEV:
        packet.physOutDev = readBe32(bytes, value);
        break;
      case c.NFULA_UID:
        packet.uid = readBe32(bytes, value);
        break;
      case c.NFULA_GID:
        packet.gid = readBe32(bytes, value);
        break;
      case c.NFULA_SEQ:
        packet.seq = readBe32(bytes, value);
        break;
      case c.NFULA_SEQ_GLOBAL:
        packet.seqGlobal = readBe32(bytes, value);
        break;
    }
    at += wordAlign(length);
  }
  return true;
}

/** Decodes `struct nfulnl_msg_packet_timestamp`: be64 sec, be64 usec. */
function decodeTimestamp(packet: RawPacket, bytes: Uint8Array, at: number): boolean {
  const microseconds = readBe32(bytes, at + 12);
  if (readBe32(bytes, at + 8) !== 0 || microseconds > 999_999) return false;
  packet.seconds = secondsOf(readBe32(bytes, at), readBe32(bytes, at + 4));
  packet.nanoseconds = microseconds * 1000;
  return true;
}

/** Decodes the attributes nested in `NFULA_VLAN`. */
function decodeVlan(packet: RawPacket, memory: Memory, start: number, end: number): boolean {
  const { bytes, halves } = memory;
  let at = start;
  while (at + NLA_HDRLEN <= end) {
    const length = halves[at >> 1]!;
    if (length < NLA_HDRLEN || length > end - at) return false;
    const type = halves[(at >> 1) + 1]! & NLA_TYPE_MASK;
    if (type === c.NFULA_VLAN_PROTO || type === c.NFULA_VLAN_TCI) {
      if (length < NLA_HDRLEN + 2) return false;
      const value = readBe16(bytes, at + NLA_HDRLEN);
      if (type === c.NFULA_VLAN_PROTO) packet.vlanProtocol = value;
      else packet.vlanTci = value;
    }
    at += wordAlign(length);
  }
  return true;
}
