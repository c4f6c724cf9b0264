/**
 * NFLOG datagrams for tests, and functions to decode them.
 *
 * @module
 */

import {
  be16,
  be32,
  encodeAttributes,
  type NetlinkAttribute,
} from "../../../src/netlink/attribute.ts";
import { encodeMessage, NLM_F_MULTI, NLMSG_DONE } from "../../../src/netlink/message.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { concat, hex, ipv4, udp } from "../../packet/sample.ts";

/** `NLA_F_NESTED` (linux/netlink.h) */
export const NLA_F_NESTED = 0x8000;

/** Returns a logged packet as the kernel sends it, from its attributes. */
export function logged(
  attributes: readonly NetlinkAttribute[],
  { family = 2, type = c.NFULNL_MSG_PACKET } = {},
): Uint8Array<ArrayBuffer> {
  const payload = concat(new Uint8Array([family, 0, 0, 1]), encodeAttributes(attributes));
  return encodeMessage({ type, flags: 0, sequence: 0, payload });
}

/** Returns a small packet with a sequence number. */
export function numbered(seq: number): Uint8Array<ArrayBuffer> {
  return logged([
    { type: c.NFULA_PACKET_HDR, value: hex("0800 03 00") },
    { type: c.NFULA_PAYLOAD, value: ipv4(17, udp()) },
    { type: c.NFULA_SEQ, value: be32(seq) },
  ]);
}

/** Returns the end of a datagram of several messages. */
export function done(): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    type: NLMSG_DONE,
    flags: NLM_F_MULTI,
    sequence: 0,
    payload: new Uint8Array(4),
  });
}

/** Returns every attribute, each with a value that differs from all others. */
export function everyAttribute(payload: Uint8Array = ipv4(17, udp())): NetlinkAttribute[] {
  const vlan = encodeAttributes([
    { type: c.NFULA_VLAN_PROTO, value: be16(0x8100) },
    { type: c.NFULA_VLAN_TCI, value: be16(0xb064) }, // priority 5, may be dropped, id 100
  ]);
  return [
    { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") }, // IPv4, input, padding
    { type: c.NFULA_PREFIX, value: hex("64726f7020 00") }, // "drop ", NUL
    { type: c.NFULA_IFINDEX_INDEV, value: be32(2) },
    { type: c.NFULA_IFINDEX_OUTDEV, value: be32(3) },
    { type: c.NFULA_IFINDEX_PHYSINDEV, value: be32(4) },
    { type: c.NFULA_IFINDEX_PHYSOUTDEV, value: be32(5) },
    { type: c.NFULA_MARK, value: be32(0xdeadbeef) },
    { type: c.NFULA_HWTYPE, value: be16(1) },
    { type: c.NFULA_HWLEN, value: be16(14) },
    { type: c.NFULA_HWHEADER, value: hex("02005e100002 02005e100001 0800") },
    { type: c.NFULA_HWADDR, value: hex("0006 0000 02005e100001 0000") }, // length, padding, address[8]
    { type: c.NFULA_TIMESTAMP, value: hex("00000000 5f5e1001 00000000 0001e240") },
    { type: c.NFULA_UID, value: be32(1000) },
    { type: c.NFULA_GID, value: be32(1001) },
    { type: c.NFULA_SEQ, value: be32(0) },
    { type: c.NFULA_SEQ_GLOBAL, value: be32(77) },
    { type: c.NFULA_VLAN | NLA_F_NESTED, value: vlan },
    { type: c.NFULA_L2HDR, value: hex("02005e100004 02005e100003 86dd") },
    { type: c.NFULA_PAYLOAD, value: payload },
  ];
}

/** Decodes all packets of a datagram, each into an object of its own, received at 1700000000.5. */
export function decodeAll(
  datagram: Uint8Array,
  { decoder = new NflogDecoder(), before = 0, after = 0, fill = 0 } = {},
): Packet[] {
  const size = before + datagram.length + after;
  const memory = new Memory(new ArrayBuffer((size + 3) & ~3));
  memory.bytes.fill(fill);
  memory.bytes.set(datagram, before);
  return decodeIn(memory, before, datagram.length, decoder);
}

/** Decodes the same in existing memory. */
export function decodeIn(
  memory: Memory,
  offset: number,
  length: number,
  decoder: NflogDecoder,
): Packet[] {
  const interfaces = new InterfaceTable().with([[2, "eth0"]]);
  const packets: Packet[] = [];
  decoder.begin(memory, offset, length, 1_700_000_000, 500_000_000);
  for (let raw = new RawPacket(interfaces); decoder.next(raw); raw = new RawPacket(interfaces)) {
    packets.push(new Packet(raw));
  }
  return packets;
}

/** Decodes the one packet of a datagram. */
export function decodeOne(datagram: Uint8Array): Packet {
  const packets = decodeAll(datagram);
  if (packets.length !== 1) throw new Error(`${packets.length} packets, not 1`);
  return packets[0]!;
}
