/**
 * Records of a capture file to packets. Pure; each batch of records stands for
 * itself, and nothing is allocated or copied.
 *
 * @module
 */

import { type Memory, readBe16 } from "../../packet/memory.ts";
import { ABSENT, type RawPacket } from "../../packet/raw_packet.ts";
import { decodeAttributes } from "../nflog/attributes.ts";
import { NFGENMSG_SIZE } from "../nflog/constants.ts";
import type { Decoder } from "../source.ts";
import { inHostOrder } from "./big_endian.ts";
import * as l from "./layout.ts";
import { decodeEthernet, decodeIp } from "./link.ts";
import type { PcapSourceOptions } from "./options.ts";

/** Decodes what the reader of a capture file hands over. */
export class PcapDecoder implements Decoder {
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
  #linkType = 0;
  #flags = 0;

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
    const { words } = memory;
    this.#memory = memory;
    this.#end = offset + length;
    if (length < l.BATCH_HEADER) {
      this.#position = this.#end;
      return;
    }
    this.#linkType = words[offset >> 2]!;
    this.#flags = words[(offset >> 2) + 1]!;
    this.#position = offset + l.BATCH_HEADER;
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
      const start = at + l.RECORD_HEADER;
      this.received++;
      const length = start <= this.#end ? words[(at >> 2) + 2]! : Infinity;
      if (length > this.#end - start) {
        this.#position = this.#end;
        this.malformed++;
        return false;
      }
      this.#position = Math.min(start + l.wordAlign(length), this.#end);
      packet.reset(memory.bytes, start, start + length);
      packet.seconds = packet.receivedSeconds = words[at >> 2]!;
      packet.nanoseconds = packet.receivedNanoseconds = words[(at >> 2) + 1]!;
      if (this.#decode(packet, memory, start, start + length)) {
        if (packet.payloadLength > this.#copyRange) packet.payloadLength = this.#copyRange;
        return true;
      }
      this.malformed++;
    }
    return false;
  }

  #decode(packet: RawPacket, memory: Memory, start: number, end: number): boolean {
    switch (this.#linkType) {
      case l.LINKTYPE_ETHERNET:
        return decodeEthernet(packet, memory.bytes, start, end);
      case l.LINKTYPE_RAW:
        return decodeIp(packet, memory.bytes, start, end, 0);
      case l.LINKTYPE_IPV4:
        return decodeIp(packet, memory.bytes, start, end, 4);
      case l.LINKTYPE_IPV6:
        return decodeIp(packet, memory.bytes, start, end, 6);
      case l.LINKTYPE_NFLOG:
        return this.#decodeNflog(packet, memory, start, end);
      default:
        return false;
    }
  }

  /** Attributes tell more than the record: a stamp of the kernel's replaces the record's. */
  #decodeNflog(packet: RawPacket, memory: Memory, start: number, end: number): boolean {
    if (end - start < NFGENMSG_SIZE) return false;
    packet.family = memory.bytes[start]!;
    packet.group = readBe16(memory.bytes, start + 2);
    const attributes = start + NFGENMSG_SIZE;
    if ((this.#flags & l.BIG_ENDIAN) === 0) {
      return decodeAttributes(packet, memory, attributes, end);
    }
    // Rare enough to take memory of its own, which the packet may keep.
    const turned = inHostOrder(memory.bytes, attributes, end);
    packet.bytes = turned.bytes;
    packet.start = 0;
    packet.end = end - attributes;
    return decodeAttributes(packet, turned, 0, packet.end);
  }
}
