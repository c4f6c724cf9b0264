/**
 * The datagram for measurements: like the kernel's during a flood of small packets.
 *
 * @module
 */

import { be16, be32 } from "../../src/netlink/attribute.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import * as c from "../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { concat, hex, ipv4, tcp } from "../packet/sample.ts";
import { done, logged } from "../source/nflog/sample.ts";

/** Number of packets of the datagram; a benchmark's time divided by this is the time of one. */
export const PACKETS = 400;

/** A TCP packet of 100 bytes, from 192.0.2.1 to port 443 of 198.51.100.2. */
export const PAYLOAD: Uint8Array<ArrayBuffer> = ipv4(6, concat(tcp(), new Uint8Array(60)));

/**
 * Returns packets of 100 bytes with the attributes of an input rule's.
 *
 * @param rules Number of rules that log them in turn, with prefixes of 5 characters and more.
 */
export function datagramOfPackets(rules = 1): Uint8Array<ArrayBuffer> {
  const messages = Array.from({ length: PACKETS }, (_, seq) =>
    logged([
      { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
      { type: c.NFULA_PREFIX, value: prefix(5 + seq % rules) },
      { type: c.NFULA_IFINDEX_INDEV, value: be32(2) },
      { type: c.NFULA_HWADDR, value: hex("0006 0000 02005e100001 0000") },
      { type: c.NFULA_TIMESTAMP, value: hex("00000000 5f5e1001 00000000 0001e240") },
      { type: c.NFULA_SEQ, value: be32(seq) },
      { type: c.NFULA_SEQ_GLOBAL, value: be32(seq + 1) },
      { type: c.NFULA_HWTYPE, value: be16(1) },
      { type: c.NFULA_HWLEN, value: be16(14) },
      { type: c.NFULA_HWHEADER, value: hex("02005e100002 02005e100001 0800") },
      { type: c.NFULA_PAYLOAD, value: PAYLOAD },
    ]));
  return concat(...messages, done());
}

/** Returns the letter b so many times, and NUL. */
function prefix(length: number): Uint8Array {
  return new TextEncoder().encode(`${"b".repeat(length)}\0`);
}

/** Decodes the first packet. */
export function onePacket(): RawPacket {
  const datagram = datagramOfPackets();
  const raw = new RawPacket(new InterfaceTable().with([[2, "eth0"]]));
  const decoder = new NflogDecoder();
  decoder.begin(new Memory(datagram.buffer), 0, datagram.length, 1_700_000_000, 0);
  if (!decoder.next(raw)) throw new Error("The datagram has no packet");
  return raw;
}
