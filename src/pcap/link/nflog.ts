/**
 * Writes packets of link type NFLOG (tcpdump.org/linktypes/LINKTYPE_NFLOG.html): `struct nfgenmsg`,
 * then the packet's metadata and payload as attributes of nfnetlink_log, in the kernel's order.
 */

import { wordAlign } from "../../bytes/write.ts";
import { NLA_HDRLEN } from "../../netlink/attribute.ts";
import { originalLength } from "../../packet/ip.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from "../../packet/ether_types.ts";
import { NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6 } from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { UNFIT } from "../../record/encoder.ts";
import { AttributeWriter } from "../write/attributes.ts";
import { type Framing, SNAPLEN } from "./framing.ts";
import * as c from "../../netlink/nflog/constants.ts";

/** The longest value in bytes: `0xFFFF - NLA_HDRLEN`. */
const VALUE_MAX = 0xffff - NLA_HDRLEN;
/** Size of an attribute with a number of 16 or 32 bits, in bytes. */
const NUMBER = 8;
/** Size of an attribute with a timestamp, in bytes. */
const TIMESTAMP = 20;
/** Size of `hw_addr` in `struct nfulnl_msg_packet_hw` (nfnetlink_log.h), in bytes. */
const HW_ADDR = 8;
/** Placeholder for an unknown hook; the kernel's numbers are below 8 (`NF_MAX_HOOKS`). */
const UNKNOWN_HOOK = 0xff;

/** Packets with all of their metadata. Every packet can be written. */
export class NflogFraming implements Framing {
  /** Original length of the packet measured last, in bytes. */
  original = 0;
  readonly #writer = new AttributeWriter();
  #payloadLength = 0;

  /** Measures a packet. */
  measure(packet: RawPacket): number {
    const metadata = c.NFGENMSG_SIZE + sizeOfMetadata(packet);
    const { payloadLength } = packet;
    if (payloadLength === ABSENT) {
      this.original = metadata;
      return metadata > SNAPLEN ? UNFIT : metadata;
    }
    // Only forged attributes are so long that no payload fits.
    const room = Math.min(VALUE_MAX, SNAPLEN - metadata - NLA_HDRLEN);
    if (room < 0) return UNFIT;
    this.#payloadLength = Math.min(payloadLength, room);
    const length = metadata + wordAlign(NLA_HDRLEN + this.#payloadLength);
    const original = payloadLength === 0 ? 0 : originalLength(packet);
    this.original = length + original - this.#payloadLength;
    return length;
  }

  /** Writes the packet measured last. */
  write(packet: RawPacket, out: Uint8Array, at: number): void {
    const writer = this.#writer;
    // The group's number is not known here: sources are identified by name.
    writer.begin(out, at);
    writer.generalHeader(Math.max(0, packet.family), Math.max(0, packet.group));
    if (hasPacketHeader(packet)) {
      const hook = packet.hook === ABSENT ? UNKNOWN_HOOK : packet.hook;
      writer.packetHeader(protocolOf(packet), hook);
    }
    writeRule(writer, packet);
    writeDevice(writer, packet);
    writeOrigin(writer, packet);
    if (packet.payloadLength === ABSENT) return;
    writer.bytes(c.NFULA_PAYLOAD, packet.bytes, packet.payloadOffset, this.#payloadLength);
  }
}

/** Returns the size of all attributes except the payload, in bytes. */
function sizeOfMetadata(packet: RawPacket): number {
  const { hwAddressLength, hwHeaderLength, l2HeaderLength } = packet;
  let size = numbersOf(packet) * NUMBER;
  if (hasTimestamp(packet)) size += TIMESTAMP;
  if (packet.prefixLength !== ABSENT) size += wordAlign(NLA_HDRLEN + prefixOf(packet) + 1);
  if (hwAddressLength !== ABSENT) {
    size += wordAlign(NLA_HDRLEN + 4 + Math.max(hwAddressLength, HW_ADDR));
  }
  if (hwHeaderLength !== ABSENT) size += NUMBER + wordAlign(NLA_HDRLEN + hwHeaderLength);
  if (l2HeaderLength !== ABSENT) size += wordAlign(NLA_HDRLEN + l2HeaderLength);
  if (hasVlan(packet)) size += NLA_HDRLEN;
  return size;
}

/** Returns the size of the prefix, which a NUL follows, in bytes. */
function prefixOf({ prefixLength }: RawPacket): number {
  return Math.min(prefixLength, VALUE_MAX - 1);
}

/** Returns the number of attributes that hold one number, or a packet header. */
function numbersOf(packet: RawPacket): number {
  const { mark, inDev, outDev, physInDev, physOutDev, uid, gid } = packet;
  const { seq, seqGlobal, hwType, vlanProtocol, vlanTci } = packet;
  return Number(hasPacketHeader(packet)) + Number(mark !== ABSENT) + Number(inDev !== ABSENT) +
    Number(outDev !== ABSENT) + Number(physInDev !== ABSENT) + Number(physOutDev !== ABSENT) +
    Number(uid !== ABSENT) + Number(gid !== ABSENT) + Number(seq !== ABSENT) +
    Number(seqGlobal !== ABSENT) + Number(hwType !== ABSENT) + Number(vlanProtocol !== ABSENT) +
    Number(vlanTci !== ABSENT);
}

/** Writes the attributes from the rule and the firewall: prefix, devices, mark. */
function writeRule(writer: AttributeWriter, packet: RawPacket): void {
  if (packet.prefixLength !== ABSENT) {
    writer.text(c.NFULA_PREFIX, packet.bytes, packet.prefixOffset, prefixOf(packet));
  }
  if (packet.inDev !== ABSENT) writer.be32(c.NFULA_IFINDEX_INDEV, packet.inDev);
  if (packet.outDev !== ABSENT) writer.be32(c.NFULA_IFINDEX_OUTDEV, packet.outDev);
  if (packet.physInDev !== ABSENT) writer.be32(c.NFULA_IFINDEX_PHYSINDEV, packet.physInDev);
  if (packet.physOutDev !== ABSENT) writer.be32(c.NFULA_IFINDEX_PHYSOUTDEV, packet.physOutDev);
  if (packet.mark !== ABSENT) writer.be32(c.NFULA_MARK, packet.mark);
}

/** Writes the attributes of the link layer. */
function writeDevice(writer: AttributeWriter, packet: RawPacket): void {
  const { bytes, hwAddressLength, hwHeaderLength, l2HeaderLength } = packet;
  if (packet.hwType !== ABSENT) writer.be16(c.NFULA_HWTYPE, packet.hwType);
  if (hwHeaderLength !== ABSENT) {
    writer.be16(c.NFULA_HWLEN, hwHeaderLength);
    writer.bytes(c.NFULA_HWHEADER, bytes, packet.hwHeaderOffset, hwHeaderLength);
  }
  if (hwAddressLength !== ABSENT) {
    writer.hwAddress(bytes, packet.hwAddressOffset, hwAddressLength, HW_ADDR);
  }
  if (hasVlan(packet)) writer.vlan(packet.vlanProtocol, packet.vlanTci);
  if (l2HeaderLength !== ABSENT) {
    writer.bytes(c.NFULA_L2HDR, bytes, packet.l2HeaderOffset, l2HeaderLength);
  }
}

/** Writes the attributes of its origin: time, owner, sequence numbers. */
function writeOrigin(writer: AttributeWriter, packet: RawPacket): void {
  if (hasTimestamp(packet)) writer.timestamp(packet.seconds, packet.nanoseconds);
  if (packet.uid !== ABSENT) writer.be32(c.NFULA_UID, packet.uid);
  if (packet.gid !== ABSENT) writer.be32(c.NFULA_GID, packet.gid);
  if (packet.seq !== ABSENT) writer.be32(c.NFULA_SEQ, packet.seq);
  if (packet.seqGlobal !== ABSENT) writer.be32(c.NFULA_SEQ_GLOBAL, packet.seqGlobal);
}

/**
 * Returns whether the packet has a timestamp of its own. The attribute has microseconds: only the
 * record keeps nanoseconds.
 */
function hasTimestamp({ seconds, nanoseconds }: RawPacket): boolean {
  return seconds !== ABSENT && nanoseconds % 1000 === 0;
}

function hasVlan({ vlanProtocol, vlanTci }: RawPacket): boolean {
  return vlanProtocol !== ABSENT || vlanTci !== ABSENT;
}

/** Returns whether `NFULA_PACKET_HDR` would hold more than the family shows. */
function hasPacketHeader(packet: RawPacket): boolean {
  const { hook, hwProtocol, family } = packet;
  return hook !== ABSENT || hwProtocol !== ABSENT && hwProtocol !== protocolOfFamily(family);
}

function protocolOf({ family, hwProtocol }: RawPacket): number {
  return hwProtocol === ABSENT ? protocolOfFamily(family) : hwProtocol;
}

function protocolOfFamily(family: number): number {
  switch (family) {
    case NFPROTO_IPV4:
      return ETH_P_IP;
    case NFPROTO_IPV6:
      return ETH_P_IPV6;
    case NFPROTO_ARP:
      return ETH_P_ARP;
    default:
      return 0;
  }
}
