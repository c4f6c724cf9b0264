/**
 * Link types of captures on several interfaces, or on a loopback interface (tcpdump.org/linktypes).
 * Pure, and nothing is allocated.
 */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ETH_P_IP, ETH_P_IPV6 } from "../../packet/ether_types.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { decodeNetwork, decodeOther, type LinkDecoder } from "./header.ts";

/** Sizes of the headers of LINUX_SLL, LINUX_SLL2, and NULL and LOOP, in bytes. */
const SLL = 16;
const SLL2 = 20;
const LOOPBACK = 4;
/** Size of the link address field of a header, in bytes. */
const ADDRESS_MAX = 8;
/** `PACKET_OUTGOING` (linux/if_packet.h) */
const PACKET_OUTGOING = 4;
/** `ARPHRD_LOOPBACK` (linux/if_arp.h) */
const ARPHRD_LOOPBACK = 772;

/** `AF_INET`, the same on every system. */
const AF_INET = 2;
/** `AF_INET6` on BSD/OS and NetBSD, FreeBSD, Darwin, Linux, Windows. */
const AF_INET6: readonly number[] = [24, 28, 30, 10, 23];

/**
 * Decodes a packet of `tcpdump -i any` as written by tcpdump before version 4.99.
 */
export const decodeSll: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < SLL) return false;
  packet.hwType = readBe16(bytes, start + 2);
  takeAddress(packet, start + 6, readBe16(bytes, start + 4));
  decodeNetwork(packet, bytes, readBe16(bytes, start + 14), start + SLL, end);
  return true;
};

/**
 * Decodes a packet of `tcpdump -i any` as written since version 4.99: with the index of the
 * interface.
 */
export const decodeSll2: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < SLL2) return false;
  const index = readBe32(bytes, start + 4);
  if (bytes[start + 10] === PACKET_OUTGOING) packet.outDev = index;
  else packet.inDev = index;
  packet.hwType = readBe16(bytes, start + 8);
  takeAddress(packet, start + 12, bytes[start + 11]!);
  decodeNetwork(packet, bytes, readBe16(bytes, start), start + SLL2, end);
  return true;
};

/**
 * Decodes a packet of a BSD loopback interface. The family before it is in the byte order of the
 * capturing host, which may differ from the file's, and in files of link type LOOP not always in
 * network order: the 16-bit half that is not 0 shows it, as families are small.
 */
export const decodeLoopback: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < LOOPBACK) return false;
  const inNetworkOrder = readBe32(bytes, start);
  const family = inNetworkOrder > 0xffff ? swapped(inNetworkOrder) : inNetworkOrder;
  packet.hwType = ARPHRD_LOOPBACK;
  const at = start + LOOPBACK;
  if (family === AF_INET) decodeNetwork(packet, bytes, ETH_P_IP, at, end);
  else if (AF_INET6.includes(family)) decodeNetwork(packet, bytes, ETH_P_IPV6, at, end);
  else decodeOther(packet, at, end);
  return true;
};

function takeAddress(packet: RawPacket, at: number, length: number): void {
  if (length === 0) return;
  packet.hwAddressOffset = at;
  packet.hwAddressLength = Math.min(length, ADDRESS_MAX);
}

function swapped(word: number): number {
  return (word >>> 24 | (word >>> 8 & 0xff00) | (word << 8 & 0xff_0000) | word << 24) >>> 0;
}
