/**
 * Decodes datagrams of nfnetlink_log into packets. Pure, and written by hand for speed: every
 * packet passes here, nothing is allocated.
 */

import { defineDecoder } from "../../record/define.ts";
import { NLMSG_HDRLEN } from "../../netlink/message.ts";
import { type Memory, readBe16 } from "../../bytes/memory.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { Decoder } from "../../record/decoder.ts";
import { decodeAttributes } from "../../netlink/nflog/attributes.ts";
import { Layouts } from "../../netlink/nflog/layout.ts";
import { MessageDecoder } from "../message_decoder.ts";
import { missingBefore } from "../sequence.ts";
import * as c from "../../netlink/nflog/constants.ts";

/**
 * The most packets of a datagram from which layouts are learnt: if all of them differ, learning
 * costs more than it saves.
 */
const LEARN_MAX = 4;

/**
 * Decodes the packets of one group, datagram after datagram; counts packets, and losses by gaps in
 * the sequence numbers.
 *
 * @example
 * ```ts ignore
 * decoder.begin(memory, 0, length, clock.seconds, clock.nanoseconds);
 * while (decoder.next(packet)) encoder.encode(packet, out, 0);
 * ```
 */
export class NflogDecoder extends MessageDecoder implements Decoder<RawPacket> {
  /** Packets that the kernel logged but could not deliver, by gaps in the sequence numbers. */
  lost = 0;
  /** The expected sequence number of the next packet: a group counts from 0 at its bind. */
  #expectedSeq = 0;
  /** Whether `#expectedSeq` is known. */
  #follows = true;
  #firstSeq = ABSENT;
  readonly #layouts = new Layouts();
  /** Packets of the datagram from which a layout may still be learnt. */
  #toLearn = 0;

  /**
   * The sequence number that the first packet since {@linkcode forget} has, or must have had;
   * ABSENT if none was numbered.
   */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /**
   * The expected next sequence number; ABSENT if no packet since {@linkcode forget} was numbered.
   */
  get nextSeq(): number {
    return this.#follows ? this.#expectedSeq : ABSENT;
  }

  /**
   * Forgets the expected sequence number: the packets that follow may come from anywhere in the
   * sequence.
   */
  forget(): void {
    this.#follows = false;
    this.#firstSeq = ABSENT;
    this.#expectedSeq = 0;
  }

  /** Begins a datagram and discards the rest of the previous one. */
  override begin(
    memory: Memory,
    offset: number,
    length: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    this.#toLearn = LEARN_MAX;
    super.begin(memory, offset, length, seconds, nanoseconds);
  }

  /**
   * Decodes the next packet of the datagram.
   *
   * @param packet Filled in.
   * @returns Whether there was one; false at the datagram's end.
   */
  next(packet: RawPacket): boolean {
    const { memory } = this;
    for (let at; (at = this.nextMessage()) !== ABSENT;) {
      if (memory.halves[(at >> 1) + 2] !== c.NFULNL_MSG_PACKET) continue;
      if (this.#decode(packet, memory, at + NLMSG_HDRLEN, this.messageEnd)) {
        this.received++;
        this.#follow(packet.seq);
        return true;
      }
      this.countMalformed();
    }
    return false;
  }

  /** Counts a malformed message as one packet, whatever its sequence number. */
  protected override countMalformed(): void {
    super.countMalformed();
    this.#expectedSeq = (this.#expectedSeq + 1) >>> 0;
  }

  /** Counts the packets between the expected sequence number and this one. */
  #follow(seq: number): void {
    if (seq === ABSENT) return;
    if (!this.#follows) {
      // Malformed packets before it were counted from 0.
      this.#follows = true;
      this.#firstSeq = (seq - this.#expectedSeq) >>> 0;
      this.#expectedSeq = seq;
    }
    this.lost += missingBefore(seq, this.#expectedSeq);
    this.#expectedSeq = (seq + 1) >>> 0;
  }

  /** Decodes a message after its netlink header; returns false if it is malformed. */
  #decode(packet: RawPacket, memory: Memory, start: number, end: number): boolean {
    if (end - start < c.NFGENMSG_SIZE) return false;
    const { bytes } = memory;
    const attributes = start + c.NFGENMSG_SIZE;
    packet.begin(bytes, start, end);
    if (!this.#layouts.decode(packet, memory, attributes, end)) {
      packet.clear();
      if (!decodeAttributes(packet, memory, attributes, end)) return false;
      if (this.#toLearn-- > 0) this.#layouts.learn(memory, attributes, end);
    }
    packet.receivedSeconds = this.receivedSeconds;
    packet.receivedNanoseconds = this.receivedNanoseconds;
    packet.family = bytes[start]!;
    // `nfgenmsg.res_id` (linux/netfilter/nfnetlink.h)
    packet.group = readBe16(bytes, start + 2);
    return true;
  }
}

/** Decoder of the NFLOG source. */
export const nflogDecoder = defineDecoder({ kind: "packet", make: () => new NflogDecoder() });
