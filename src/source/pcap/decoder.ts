/**
 * Decodes the records of a capture file into packets. Pure; each batch of records is
 * self-contained, and nothing is allocated or copied.
 */

import { wordAlign } from "../../bytes/write.ts";
import { defineDecoder } from "../../record/define.ts";
import { type Memory, readBe16 } from "../../bytes/memory.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { decodeAttributes } from "../../netlink/nflog/attributes.ts";
import { NFGENMSG_SIZE } from "../../netlink/nflog/constants.ts";
import type { Decoder } from "../../record/decoder.ts";
import { inHostOrder } from "../../pcap/link/big_endian.ts";
import { BIG_ENDIAN, NO_INTERFACE, OUTBOUND, RECORD_HEADER } from "../../pcap/read/layout.ts";
import { decodeEthernet, decodeIp } from "../../pcap/link/header.ts";
import { decodeLoopback, decodeSll, decodeSll2 } from "../../pcap/link/cooked.ts";
import * as t from "../../pcap/link/types.ts";
import type { PcapSourceOptions } from "./options.ts";
import { decodeCisco, decodeMpls, decodePpp, decodePppoe } from "../../pcap/link/ppp.ts";

/** Decodes the batches of a capture file's reader. */
export class PcapDecoder implements Decoder<RawPacket> {
  /** Packets in the file, malformed ones included. */
  received = 0;
  /** Always 0: losses are not visible in a file. */
  readonly lost = 0;
  /** Packets that are too short for their link type, or whose NFLOG attributes are damaged. */
  malformed = 0;
  /** Always absent: records have no sequence numbers. */
  readonly firstSeq: number = ABSENT;
  /** Always absent: records have no sequence numbers. */
  readonly nextSeq: number = ABSENT;

  readonly #copyRange: number;
  #memory: Memory | undefined;
  #position = 0;
  #end = 0;

  /**
   * Creates a decoder.
   *
   * @param options The number of bytes to keep of each packet; 0 or absent keeps all.
   */
  constructor({ copyRange = 0 }: Partial<Pick<PcapSourceOptions, "copyRange">> = {}) {
    this.#copyRange = copyRange === 0 ? Infinity : copyRange;
  }

  /** Offset of the next record in the memory. */
  get position(): number {
    return this.#position;
  }

  /** Does nothing: records have no sequence numbers. */
  forget(): void {}

  /**
   * Begins a batch of records and discards the rest of the previous one. The records have their own
   * times.
   *
   * @param memory Memory with the batch.
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
      if ((kind & 0xffff) !== t.LINKTYPE_NFLOG) packet.frameLength = words[(at >> 2) + 3]!;
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

/** Placeholder for an unknown hook, as `src/output/pcap` writes it. */
const NO_HOOK = 0xff;
/** `NFPROTO_UNSPEC` (linux/netfilter.h): placeholder for an unknown family. */
const NFPROTO_UNSPEC = 0;

/** Decodes NFLOG attributes; the kernel's timestamp, if there is one, replaces the record's. */
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
    // Rare enough to allocate memory, which the packet may keep.
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

/** Sets the interface that the file names, for packets without one of their own. */
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
