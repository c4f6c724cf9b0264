/**
 * What lies before the network header where a capture file is of several
 * interfaces, or of the loopback interface (tcpdump.org/linktypes). Pure, and
 * nothing is allocated.
 *
 * @module
 */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ETH_P_IP, ETH_P_IPV6 } from "../../packet/ether_types.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { decodeNetwork, decodeOther } from "./header.ts";

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
  decodeNetwork(packet, bytes, readBe16(bytes, start + 14), start + SLL, end);
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
  decodeNetwork(packet, bytes, readBe16(bytes, start), start + SLL2, end);
  return true;
}

/**
 * A packet of a BSD loopback interface. The family before it is in the byte order of
 * the host that captured, which need not be the file's, and in files of link type LOOP
 * not always in network order: the half that is not 0 tells, as families are small.
 */
export function decodeLoopback(
  packet: RawPacket,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start < LOOPBACK) return false;
  const inNetworkOrder = readBe32(bytes, start);
  const family = inNetworkOrder > 0xffff ? swapped(inNetworkOrder) : inNetworkOrder;
  packet.hwType = ARPHRD_LOOPBACK;
  const at = start + LOOPBACK;
  if (family === AF_INET) decodeNetwork(packet, bytes, ETH_P_IP, at, end);
  else if (AF_INET6.includes(family)) decodeNetwork(packet, bytes, ETH_P_IPV6, at, end);
  else decodeOther(packet, at, end);
  return true;
}

function takeAddress(packet: RawPacket, at: number, length: number): void {
  if (length === 0) return;
  packet.hwAddressOffset = at;
  packet.hwAddressLength = Math.min(length, ADDRESS_MAX);
}

function swapped(word: number): number {
  return (word >>> 24 | (word >>> 8 & 0xff00) | (word << 8 & 0xff_0000) | word << 24) >>> 0;
}
