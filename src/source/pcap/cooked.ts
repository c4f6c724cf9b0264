/**
 * What lies before the network header where a capture file is of several
 * interfaces, or of the loopback interface (tcpdump.org/linktypes). Pure, and
 * nothing is allocated.
 *
 * @module
 */

import { readBe16, readBe32 } from "../../packet/memory.ts";
import {
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  isVlan,
  NFPROTO_ARP,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  VLAN_TAG,
} from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";

/** Bytes of the headers of LINUX_SLL, LINUX_SLL2, and NULL and LOOP. */
const SLL = 16;
const SLL2 = 20;
const LOOPBACK = 4;
/** Bytes that a header has room for of a link address. */
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
 * A packet of `tcpdump -i any` as tcpdump wrote it up to version 4.99.
 *
 * @param packet Filled in.
 * @param bytes The memory.
 * @param start Its first byte.
 * @param end Behind its last byte.
 * @returns False where it is shorter than its header.
 */
export function decodeSll(
  packet: RawPacket,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start < SLL) return false;
  packet.hwType = readBe16(bytes, start + 2);
  takeAddress(packet, start + 6, readBe16(bytes, start + 4));
  takeNetwork(packet, bytes, readBe16(bytes, start + 14), start + SLL, end);
  return true;
}

/** The same, as tcpdump writes it since version 4.99: with the number of the interface. */
export function decodeSll2(
  packet: RawPacket,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start < SLL2) return false;
  const index = readBe32(bytes, start + 4);
  if (bytes[start + 10] === PACKET_OUTGOING) packet.outDev = index;
  else packet.inDev = index;
  packet.hwType = readBe16(bytes, start + 8);
  takeAddress(packet, start + 12, bytes[start + 11]!);
  takeNetwork(packet, bytes, readBe16(bytes, start), start + SLL2, end);
  return true;
}

/**
 * A packet of a BSD loopback interface.
 *
 * @param isBigEndian The byte order of the family before it.
 */
export function decodeLoopback(
  packet: RawPacket,
  bytes: Uint8Array,
  start: number,
  end: number,
  isBigEndian: boolean,
): boolean {
  if (end - start < LOOPBACK) return false;
  const inNetworkOrder = readBe32(bytes, start);
  const family = isBigEndian ? inNetworkOrder : swapped(inNetworkOrder);
  packet.hwType = ARPHRD_LOOPBACK;
  const type = family === AF_INET ? ETH_P_IP : AF_INET6.includes(family) ? ETH_P_IPV6 : 0;
  if (type !== 0) takeFamily(packet, type);
  packet.payloadOffset = start + LOOPBACK;
  packet.payloadLength = end - start - LOOPBACK;
  return true;
}

function takeAddress(packet: RawPacket, at: number, length: number): void {
  if (length === 0) return;
  packet.hwAddressOffset = at;
  packet.hwAddressLength = Math.min(length, ADDRESS_MAX);
}

/** The packet behind the header; the outermost VLAN tag is told as the kernel tells it. */
function takeNetwork(
  packet: RawPacket,
  bytes: Uint8Array,
  protocol: number,
  start: number,
  end: number,
): void {
  let [type, at] = [protocol, start];
  if (isVlan(type) && at + VLAN_TAG <= end) {
    packet.vlanProtocol = type;
    packet.vlanTci = readBe16(bytes, at);
  }
  while (isVlan(type) && at + VLAN_TAG <= end) {
    type = readBe16(bytes, at + 2);
    at += VLAN_TAG;
  }
  takeFamily(packet, type);
  packet.payloadOffset = at;
  packet.payloadLength = end - at;
}

function takeFamily(packet: RawPacket, type: number): void {
  packet.hwProtocol = type;
  if (type === ETH_P_IP) packet.family = NFPROTO_IPV4;
  else if (type === ETH_P_IPV6) packet.family = NFPROTO_IPV6;
  else if (type === ETH_P_ARP) packet.family = NFPROTO_ARP;
}

function swapped(word: number): number {
  return (word >>> 24 | (word >>> 8 & 0xff00) | (word << 8 & 0xff_0000) | word << 24) >>> 0;
}
