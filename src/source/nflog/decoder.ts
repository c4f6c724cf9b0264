/**
 * Datagrams of nfnetlink_log to packets. Pure, and written by hand for speed:
 * every packet passes here, nothing is allocated.
 *
 * @module
 */

import { NLA_HDRLEN, NLA_TYPE_MASK } from "../../netlink/attribute.ts";
import { NLMSG_HDRLEN, nlmsgAlign } from "../../netlink/message.ts";
import { type Memory, readBe16, readBe32 } from "../../packet/memory.ts";
import { ABSENT, type RawPacket } from "../../packet/raw_packet.ts";
import * as c from "./constants.ts";

/** Half of the 32-bit circle: a gap larger than this is a step back, not a loss. */
const HALF_CIRCLE = 0x8000_0000;

/** The least size of each attribute's value, in bytes; 0 where any will do. */
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
 * Decodes the packets of one group, one datagram after the other, and counts
 * what it sees and what is missing.
 *
 * @example
 * ```ts ignore
 * decoder.begin(memory, 0, length, clock.seconds, clock.nanoseconds);
 * while (decoder.next(packet)) encoder.encode(packet, out, 0);
 * ```
 */
export class NflogDecoder {
  /** Packets that arrived, those among them that were malformed included. */
  received = 0;
  /** Packets that the kernel logged and could not hand over, by gaps in their numbers. */
  lost = 0;
  /** Packets that arrived damaged and were passed over. */
  malformed = 0;

  #memory: Memory | undefined;
  #position = 0;
  #end = 0;
  #receivedSeconds = 0;
  #receivedNanoseconds = 0;
  /** The number that the next packet should carry: a group counts from 0 at its bind. */
  #expectedSeq = 0;
  /** Whether that is known. */
  #follows = true;
  #firstSeq = ABSENT;

  /** Where the next message lies in the memory. */
  get position(): number {
    return this.#position;
  }

  /** The number that the first packet since {@linkcode forget} has, or must have had; ABSENT where none was numbered. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** The number that should come next; ABSENT where no packet since {@linkcode forget} was numbered. */
  get nextSeq(): number {
    return this.#follows ? this.#expectedSeq : ABSENT;
  }

  /** Forgets which number comes next: the packets after it may follow on anything. */
  forget(): void {
    this.#follows = false;
    this.#firstSeq = ABSENT;
    this.#expectedSeq = 0;
  }

  /**
   * Begins with a datagram; what was left of the one before is forgotten.
   *
   * @param memory Where it lies.
   * @param offset Its first byte, a multiple of 4.
   * @param length Its length in bytes.
   * @param seconds When it was received, since the Unix epoch.
   * @param nanoseconds Nanoseconds past that second.
   */
  begin(
    memory: Memory,
    offset: number,
    length: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    this.#memory = memory;
    this.#position = offset;
    this.#end = offset + length;
    this.#receivedSeconds = seconds;
    this.#receivedNanoseconds = nanoseconds;
  }

  /**
   * Decodes the next packet of the datagram.
   *
   * @param packet Filled in.
   * @returns Whether there was one; false at the datagram's end.
   */
  next(packet: RawPacket): boolean {
    const memory = this.#memory;
    if (memory === undefined) return false;
    while (this.#position < this.#end) {
      const at = this.#position;
      const left = this.#end - at;
      const length = left >= NLMSG_HDRLEN ? memory.words[at >> 2]! : 0;
      if (length < NLMSG_HDRLEN || length > left) {
        this.#position = this.#end;
        this.#countMalformed();
        return false;
      }
      this.#position = at + nlmsgAlign(length);
      if (memory.halves[(at >> 1) + 2] !== c.NFULNL_MSG_PACKET) continue;
      if (this.#decode(packet, memory, at + NLMSG_HDRLEN, at + length)) {
        this.received++;
        this.#follow(packet.seq);
        return true;
      }
      this.#countMalformed();
    }
    return false;
  }

  /** A damaged packet was one packet, whatever number it carried. */
  #countMalformed(): void {
    this.received++;
    this.malformed++;
    this.#expectedSeq = (this.#expectedSeq + 1) >>> 0;
  }

  /** Counts the packets between the last number and this one. */
  #follow(seq: number): void {
    if (seq === ABSENT) return;
    if (!this.#follows) {
      // Malformed packets before it were counted on from 0.
      this.#follows = true;
      this.#firstSeq = (seq - this.#expectedSeq) >>> 0;
      this.#expectedSeq = seq;
    }
    const gap = (seq - this.#expectedSeq) >>> 0;
    if (gap < HALF_CIRCLE) this.lost += gap;
    this.#expectedSeq = (seq + 1) >>> 0;
  }

  /** Decodes what follows the netlink header; false where it is malformed. */
  #decode(packet: RawPacket, memory: Memory, start: number, end: number): boolean {
    if (end - start < c.NFGENMSG_SIZE) return false;
    const { bytes, halves } = memory;
    packet.reset(bytes, start, end);
    packet.receivedSeconds = this.#receivedSeconds;
    packet.receivedNanoseconds = this.#receivedNanoseconds;
    packet.family = bytes[start]!;
    let at = start + c.NFGENMSG_SIZE;
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
          // The kernel ends it with a NUL that counts.
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
      at += nlmsgAlign(length);
    }
    return true;
  }
}

/** `struct nfulnl_msg_packet_timestamp`: be64 sec, be64 usec. */
function decodeTimestamp(packet: RawPacket, bytes: Uint8Array, at: number): boolean {
  const microseconds = readBe32(bytes, at + 12);
  if (readBe32(bytes, at + 8) !== 0 || microseconds > 999_999) return false;
  packet.seconds = readBe32(bytes, at) * 0x1_0000_0000 + readBe32(bytes, at + 4);
  packet.nanoseconds = microseconds * 1000;
  return true;
}

/** What is nested in `NFULA_VLAN`. */
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
    at += nlmsgAlign(length);
  }
  return true;
}
