/**
 * Encodes packets as Enhanced Packet Blocks (draft-ietf-opsawg-pcapng).
 *
 * Several encoders may write into one file, area by area, without knowing each other: so each area
 * begins with a section of its own, whose head describes all interfaces that the encoder has seen.
 * Each area is valid by itself; the writer joins them into one section.
 */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../../record/encoder.ts";
import * as b from "../../pcap/write/block.ts";
import { Copier, padWord, wordAlign, writeLe32 } from "../../bytes/write.ts";
import { CommentWriter } from "../../pcap/write/comment.ts";
import { directionAt, OUTBOUND } from "../../pcap/write/hook.ts";
import { type DescribedInterface, DescribedInterfaces } from "../../pcap/write/interfaces.ts";
import type { Framing } from "../../pcap/link/framing.ts";
import type { LinkType } from "../../pcap/link/framing.ts";

/** Size of an Enhanced Packet Block before the packet's data, in bytes. */
const PACKET_HEADER = 28;
/** Sizes of an option with 32 bits, and of one with 64 bits, in bytes. */
const OPTION_32 = b.OPTION_HEADER + 4;
const OPTION_64 = b.OPTION_HEADER + 8;
const TWO_32 = 0x1_0000_0000;
const SECTION = b.sectionBlock();

/** Encodes packets as blocks, after the sections and interfaces that they need. */
export class PcapngEncoder implements Encoder<RawPacket> {
  readonly #framing: Framing;
  readonly #interfaces: DescribedInterfaces;
  readonly #comments = new CommentWriter();
  readonly #copier = new Copier();
  /** Whether metadata goes into comments: NFLOG records contain it themselves. */
  readonly #comment: boolean;
  readonly #lost: (() => number) | undefined;
  /** Result of {@linkcode #lost} for the previous packet. */
  #lostBefore = 0;
  /** Head of a section: its own block and those of its interfaces. */
  #head = SECTION.slice();
  #headLength = SECTION.length;
  /** Number of interfaces in it. */
  #described = 0;
  /** Memory in which the current section continues. */
  #out: Uint8Array | undefined;
  #end = 0;

  /**
   * Creates an encoder for a link type.
   *
   * @param framing Encodes packets of the link type.
   * @param lost Returns the number of packets lost so far, if known.
   */
  constructor(framing: Framing, linkType: LinkType, lost?: () => number) {
    this.#framing = framing;
    this.#interfaces = new DescribedInterfaces(linkType);
    this.#comment = linkType !== "nflog";
    this.#lost = lost;
  }

  /** Encodes a packet as one block, after the blocks that must precede it. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const captured = this.#framing.measure(packet);
    if (captured === UNFIT) return UNFIT;
    const begins = this.#begins(out, at);
    const direction = directionAt(packet.family, packet.hook);
    const place = this.#interfaceOf(packet, direction);
    const comment = this.#comment ? this.#comments.make(packet, this.#interfaces) : 0;
    const lost = this.#lost?.() ?? 0;
    const dropped = Math.max(0, lost - this.#lostBefore);
    const options = sizeOfOptions(direction, comment, dropped);
    const size = PACKET_HEADER + wordAlign(captured) + options + 4;
    const head = begins ? this.#headLength : 0;
    const before = head + (place.id === ABSENT ? place.block.length : 0);
    if (at + before + size > out.length) return NO_ROOM;

    this.#copier.copy(out, at, this.#head, 0, head);
    if (place.id === ABSENT) this.#describe(place, out, at + head);
    const start = at + before;
    writeHeader(packet, out, start, size, place.id);
    writeLe32(out, start + 20, captured);
    writeLe32(out, start + 24, this.#framing.original);
    this.#framing.write(packet, out, start + PACKET_HEADER);
    padWord(out, start + PACKET_HEADER, captured);
    const behind = start + PACKET_HEADER + wordAlign(captured);
    if (options > 0) this.#writeOptions(out, behind, direction, comment, dropped);
    writeLe32(out, start + size - 4, size);
    this.#lostBefore = lost;
    this.#out = out;
    this.#end = start + size;
    return before + size;
  }

  /** Begins a section with the next packet, wherever that is written. */
  begin(): void {
    this.#out = undefined;
  }

  /** Has the next packet go on with the section of the last one, though other data is in between. */
  goOn(out: Uint8Array, at: number): void {
    this.#out = out;
    this.#end = at;
  }

  /** Returns whether a section must begin here: at an area's start, or after other data. */
  #begins(out: Uint8Array, at: number): boolean {
    if (this.#interfaces.isFull) {
      this.#interfaces.clear();
      this.#headLength = SECTION.length;
      this.#described = 0;
      this.#out = undefined;
    }
    return at === 0 || at !== this.#end || out !== this.#out;
  }

  /** Writes an interface's block, and adds it to the head of later sections. */
  #describe(place: DescribedInterface, out: Uint8Array, at: number): void {
    const { block } = place;
    this.#copier.copy(out, at, block, 0, block.length);
    const length = this.#headLength + block.length;
    if (length > this.#head.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#head);
      this.#head = larger;
    }
    this.#head.set(block, this.#headLength);
    this.#headLength = length;
    place.id = this.#described++;
  }

  /**
   * Returns the interface by which a packet leaves or arrived, or the unnamed one if neither is
   * known.
   */
  #interfaceOf(packet: RawPacket, direction: number): DescribedInterface {
    const { inDev, outDev } = packet;
    const leaves = outDev !== ABSENT && (direction === OUTBOUND || inDev === ABSENT);
    const index = leaves ? outDev : inDev;
    return this.#interfaces.find(index, packet);
  }

  #writeOptions(
    out: Uint8Array,
    at: number,
    direction: number,
    comment: number,
    dropped: number,
  ): void {
    let to = at;
    if (comment > 0) {
      const value = b.writeOptionHeader(out, to, b.OPT_COMMENT, comment);
      this.#copier.copy(out, value, this.#comments.text, 0, comment);
      to = value + wordAlign(comment);
    }
    if (direction > 0) {
      writeLe32(out, b.writeOptionHeader(out, to, b.EPB_FLAGS, 4), direction);
      to += OPTION_32;
    }
    if (dropped > 0) {
      const value = b.writeOptionHeader(out, to, b.EPB_DROPCOUNT, 8);
      writeLe32(out, value, dropped);
      writeLe32(out, value + 4, dropped / TWO_32);
      to += OPTION_64;
    }
    writeLe32(out, to, 0); // end of options
  }
}

function sizeOfOptions(direction: number, comment: number, dropped: number): number {
  const size = (comment > 0 ? b.OPTION_HEADER + wordAlign(comment) : 0) +
    (direction > 0 ? OPTION_32 : 0) + (dropped > 0 ? OPTION_64 : 0);
  return size === 0 ? 0 : size + b.OPTION_HEADER;
}

/** Writes type, length, interface and time. */
function writeHeader(
  packet: RawPacket,
  out: Uint8Array,
  at: number,
  size: number,
  id: number,
): void {
  const stamped = packet.seconds !== ABSENT;
  writeLe32(out, at, b.BLOCK_PACKET);
  writeLe32(out, at + 4, size);
  writeLe32(out, at + 8, id);
  const seconds = stamped ? packet.seconds : packet.receivedSeconds;
  const nanoseconds = stamped ? packet.nanoseconds : packet.receivedNanoseconds;
  b.writeTime(out, at + 12, seconds, nanoseconds);
}
