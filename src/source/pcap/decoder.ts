/**
 * Records of a capture file to packets. Pure; each batch of records stands for
 * itself, and nothing is allocated or copied.
 *
 * @module
 */

import { defineDecoder } from "../../record/define.ts";
import { type Memory, readBe16 } from "../../bytes/memory.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { decodeAttributes } from "../../netlink/nflog/attributes.ts";
import { NFGENMSG_SIZE } from "../../netlink/nflog/constants.ts";
import type { Decoder } from "../../record/decoder.ts";
import { inHostOrder } from "../../pcap/link/big_endian.ts";
import {
  BIG_ENDIAN,
  NO_INTERFACE,
  OUTBOUND,
  RECORD_HEADER,
  wordAlign,
} from "../../pcap/read/layout.ts";
import { decodeEthernet, decodeIp } from "../../pcap/link/header.ts";
import { decodeLoopback, decodeSll, decodeSll2 } from "../../pcap/link/cooked.ts";
import * as t from "../../pcap/link/types.ts";
import type { PcapSourceOptions } from "./options.ts";
import { decodeCisco, decodeMpls, decodePpp, decodePppoe } from "../../pcap/link/ppp.ts";

/** Decodes what the reader of a capture file hands over. */
export class PcapDecoder implements Decoder<RawPacket> {
  /** Packets in the file, malformed ones included. */
  received = 0;
  /** A file has lost nothing. */
  readonly lost = 0;
  /** Packets that are too short for their link type, or whose NFLOG attributes are damaged. */
  malformed = 0;
  /** A file's records are not numbered. */
  readonly firstSeq: number = ABSENT;
  /** A file's records are not numbered. */
  readonly nextSeq: number = ABSENT;

  readonly #copyRange: number;
  #memory: Memory | undefined;
  #position = 0;
  #end = 0;

  /**
   * Makes it.
   *
   * @param options How much of each packet is kept, in bytes; 0 or nothing keeps all.
   */
  constructor({ copyRange = 0 }: Partial<Pick<PcapSourceOptions, "copyRange">> = {}) {
    this.#copyRange = copyRange === 0 ? Infinity : copyRange;
  }

  /** Where the next record lies in the memory. */
  get position(): number {
    return this.#position;
  }

  /** Does nothing: there is no number to forget. */
  forget(): void {}

  /**
   * Begins with a batch of records; what was left of the one before is forgotten.
   * The records have their own times.
   *
   * @param memory Where it lies.
   * @param offset Its first byte, a multiple of 4.
   * @param length Its length in bytes.
   */
  begin(memory: Memory, offset: number, length: number): void {
    this.#memory = memory;
    this.#position = offset;
    this.#end = offset + length;
  }

  /**
   * Decodes the next packet of the batch.
   *
   * @param packet Filled in.
   * @returns Whether there was one; false at the batch's end.
   */
  next(packet: RawPacket): boolean {
    const memory = this.#memory;
    if (memory === undefined) return false;
    const { words } = memory;
    while (this.#position < this.#end) {
      const at = this.#position;
      const start = at + RECORD_HEADER;
      this.received++;
      const length = start <= this.#end ? words[(at >> 2) + 2]! : Infinity;
      if (length > this.#end - start) {
        this.#position = this.#end;
        this.malformed++;
        return false;
      }
      this.#position = Math.min(start + wordAlign(length), this.#end);
      packet.reset(memory.bytes, start, start + length);
      packet.seconds = packet.receivedSeconds = words[at >> 2]!;
      packet.nanoseconds = packet.receivedNanoseconds = words[(at >> 2) + 1]!;
      const kind = words[(at >> 2) + 4]!;
      if (this.#decode(kind, packet, memory, start, start + length)) {
        nameInterface(packet, words[(at >> 2) + 5]!, kind);
        if (packet.payloadLength > this.#copyRange) packet.payloadLength = this.#copyRange;
        return true;
      }
      this.malformed++;
    }
    return false;
  }

  #decode(
    kind: number,
    packet: RawPacket,
    memory: Memory,
    start: number,
    end: number,
  ): boolean {
    const { bytes } = memory;
    switch (kind & 0xffff) {
      case t.LINKTYPE_ETHERNET:
        return decodeEthernet(packet, bytes, start, end);
      case t.LINKTYPE_RAW:
      case t.DLT_RAW:
      case t.DLT_RAW_OPENBSD:
        return decodeIp(packet, bytes, start, end, 0);
      case t.LINKTYPE_IPV4:
        return decodeIp(packet, bytes, start, end, 4);
      case t.LINKTYPE_IPV6:
        return decodeIp(packet, bytes, start, end, 6);
      case t.LINKTYPE_NFLOG:
        return decodeNflog(packet, memory, start, end, (kind & BIG_ENDIAN) !== 0);
      case t.LINKTYPE_LINUX_SLL:
        return decodeSll(packet, bytes, start, end);
      case t.LINKTYPE_LINUX_SLL2:
        return decodeSll2(packet, bytes, start, end);
      case t.LINKTYPE_NULL:
      case t.LINKTYPE_LOOP:
        return decodeLoopback(packet, bytes, start, end);
      case t.LINKTYPE_PPP:
      case t.LINKTYPE_PPP_HDLC:
        return decodePpp(packet, bytes, start, end);
      case t.LINKTYPE_PPP_ETHER:
        return decodePppoe(packet, bytes, start, end);
      case t.LINKTYPE_C_HDLC:
        return decodeCisco(packet, bytes, start, end);
      case t.LINKTYPE_MPLS:
        return decodeMpls(packet, bytes, start, end);
      default:
        return false;
    }
  }
}

/** What stands in the place of a hook that is not known (`src/output/pcap` writes it, too). */
const NO_HOOK = 0xff;
/** `NFPROTO_UNSPEC` (linux/netfilter.h): the same of a family. */
const NFPROTO_UNSPEC = 0;

/** Attributes tell more than the record: a stamp of the kernel's replaces the record's. */
function decodeNflog(
  packet: RawPacket,
  memory: Memory,
  start: number,
  end: number,
  isBigEndian: boolean,
): boolean {
  if (end - start < NFGENMSG_SIZE) return false;
  const family = memory.bytes[start]!;
  packet.family = family === NFPROTO_UNSPEC ? ABSENT : family;
  packet.group = readBe16(memory.bytes, start + 2);
  let at = start + NFGENMSG_SIZE;
  let attributes = memory;
  if (isBigEndian) {
    // Rare enough to take memory of its own, which the packet may keep.
    attributes = inHostOrder(memory.bytes, at, end);
    packet.bytes = attributes.bytes;
    packet.start = 0;
    packet.end = end - at;
    at = 0;
  }
  const isWhole = decodeAttributes(packet, attributes, at, packet.end);
  if (packet.hook === NO_HOOK) packet.hook = ABSENT;
  return isWhole;
}

/** The file names the interface of packets that do not name theirs themselves. */
function nameInterface(packet: RawPacket, number: number, kind: number): void {
  if (number === NO_INTERFACE || packet.inDev !== ABSENT || packet.outDev !== ABSENT) return;
  if ((kind & OUTBOUND) !== 0) packet.outDev = number;
  else packet.inDev = number;
}

/** Decoder of the pcap source. */
export const pcapDecoder = defineDecoder<Pick<PcapSourceOptions, "copyRange">>({
  kind: "packet",
  make: (options) => new PcapDecoder(options),
});
