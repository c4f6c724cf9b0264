/**
 * Caches the layout of packets that one rule logs: they have the same attributes in the same order
 * at the same offsets. What was learnt from one packet holds for those after it as long as the
 * words that decide it are unchanged, so only these are compared. Pure, and written by hand for
 * speed.
 */

import { wordAlign } from "../../bytes/write.ts";
import { NLA_HDRLEN } from "../attribute.ts";
import type { Memory } from "../../bytes/memory.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import * as c from "./constants.ts";

/**
 * Number of cached layouts of one length of the prefix: packets differ in hooks, owners and marks.
 */
const LAYOUTS_MAX = 8;
/** Number of lengths, a power of two above that of the longest prefix (`NF_LOG_PREFIXLEN`). */
const LENGTHS = 256;
/** `sizeof(struct nfulnl_msg_packet_hdr)` (linux/netfilter/nfnetlink_log.h) */
const PACKET_HDR_SIZE = 4;
/** The most words that a layout compares; no packet of the kernel has as many. */
const WORDS_MAX = 32;
/** The largest microsecond part of a timestamp. */
const MICROSECONDS_MAX = 999_999;
/** Number after the last `NFULA_…` type. */
const TYPES = c.NFULA_L2HDR + 1;
/** Attributes that most packets lack. */
const RARE = [
  c.NFULA_MARK,
  c.NFULA_IFINDEX_PHYSINDEV,
  c.NFULA_IFINDEX_PHYSOUTDEV,
  c.NFULA_UID,
  c.NFULA_GID,
  c.NFULA_L2HDR,
];
/** Attributes that a layout supports: all except those with nested attributes. */
const KNOWN = new Uint8Array(0x10000);
KNOWN.fill(1, c.NFULA_PACKET_HDR, c.NFULA_HWLEN + 1);
KNOWN[c.NFULA_L2HDR] = 1;

/** Cache of the layouts of a group's packets. */
export class Layouts {
  /**
   * The layouts, the newest first, by the length of the second attribute. It is the prefix, if the
   * rule has one: many rules have as many layouts as their prefixes have lengths.
   */
  readonly #layouts: Layout[][] = Array.from({ length: LENGTHS }, () => []);
  /** The layout that matched last. */
  #last = new Layout();
  /** The layout to learn next. */
  #spare = new Layout();

  /**
   * Decodes a packet's attributes if their layout is cached.
   *
   * @param packet Filled in: every field that attributes set.
   * @param memory Memory with the attributes.
   * @param start Offset of the first attribute, a multiple of 4.
   * @param end Offset after the last attribute.
   * @returns Whether it was decoded.
   */
  decode(packet: RawPacket, memory: Memory, start: number, end: number): boolean {
    const last = this.#last;
    if (last.fits(memory, start, end)) return last.decode(packet, memory, start);
    for (const layout of this.#layouts[secondLength(memory, start)]!) {
      if (!layout.fits(memory, start, end)) continue;
      this.#last = layout;
      return layout.decode(packet, memory, start);
    }
    return false;
  }

  /**
   * Learns the layout of a packet whose attributes are valid.
   *
   * @param memory Memory with the attributes.
   * @param start Offset of the first attribute.
   * @param end Offset after the last attribute.
   */
  learn(memory: Memory, start: number, end: number): void {
    const learnt = this.#spare;
    if (!learnt.learn(memory, start, end)) return;
    const layouts = this.#layouts[secondLength(memory, start)]!;
    this.#spare = layouts.length < LAYOUTS_MAX ? new Layout() : layouts.pop()!;
    layouts.unshift(learnt);
    this.#last = learnt;
  }
}

/** Returns the length of the attribute behind the first one, `nfulnl_msg_packet_hdr`. */
function secondLength({ words }: Memory, start: number): number {
  return words[(start >> 2) + (NLA_HDRLEN + PACKET_HDR_SIZE) / 4]! & LENGTHS - 1;
}

/** Offsets of the attributes of one kind of packet, in bytes from the first attribute. */
class Layout {
  /** Words that all such packets share, and their offsets in words. */
  readonly #words = new Uint32Array(WORDS_MAX);
  readonly #places = new Int32Array(WORDS_MAX);
  #count = 0;
  /**
   * Offset of the payload's header, which comes last and may have any length; 0 means no layout.
   */
  #payload = 0;
  /** Offsets of values; 0 means absent. */
  #packetHeader = 0;
  #stamp = 0;
  #inDev = 0;
  #outDev = 0;
  #seq = 0;
  #seqGlobal = 0;
  #prefix = 0;
  #hwAddress = 0;
  #hwHeader = 0;
  #hwType = 0;
  /** Sizes of values in bytes; ABSENT means absent. */
  #prefixSize = ABSENT;
  #hwAddressLength = ABSENT;
  #hwHeaderLength = ABSENT;
  /** Offsets of the rare attributes and the size of the link header, if the packet has any. */
  #rare: Attributes | undefined;

  /**
   * Learns a packet's layout; returns false if an attribute is unknown or repeated, or if the
   * payload is not the last one.
   */
  learn({ words, view }: Memory, start: number, end: number): boolean {
    this.#payload = 0;
    const attributes = this.#find(words, start >> 2, end);
    if (attributes === undefined) return false;
    const { values, sizes } = attributes;
    this.#packetHeader = values[c.NFULA_PACKET_HDR]!;
    this.#stamp = values[c.NFULA_TIMESTAMP]!;
    this.#inDev = values[c.NFULA_IFINDEX_INDEV]!;
    this.#outDev = values[c.NFULA_IFINDEX_OUTDEV]!;
    this.#seq = values[c.NFULA_SEQ]!;
    this.#seqGlobal = values[c.NFULA_SEQ_GLOBAL]!;
    this.#prefix = values[c.NFULA_PREFIX]!;
    this.#hwAddress = values[c.NFULA_HWADDR]!;
    this.#hwHeader = values[c.NFULA_HWHEADER]!;
    this.#hwType = values[c.NFULA_HWTYPE]!;
    this.#prefixSize = sizes[c.NFULA_PREFIX]!;
    this.#hwHeaderLength = sizes[c.NFULA_HWHEADER]!;
    this.#hwAddressLength = this.#hwAddress === 0
      ? ABSENT
      : view.getUint16(start + this.#hwAddress);
    this.#rare = RARE.some((type) => values[type] !== 0) ? attributes : undefined;
    // Seconds of more than 32 bits are left to the full decoder.
    if (this.#stamp !== 0 && view.getUint32(start + this.#stamp) !== 0) return false;
    if (this.#packetHeader !== 0) this.#payload = values[c.NFULA_PAYLOAD]! - NLA_HDRLEN;
    return this.#payload !== 0;
  }

  /** Finds the attributes and the words to compare. */
  #find(words: Uint32Array, first: number, end: number): Attributes | undefined {
    const values = new Int32Array(TYPES);
    const sizes = new Int32Array(TYPES).fill(ABSENT);
    const behind = (end >> 2) - first;
    this.#count = 0;
    for (let place = 0; place < behind;) {
      const header = words[first + place]!;
      const length = header & 0xffff;
      const type = header >>> 16;
      const isLast = values[c.NFULA_PAYLOAD] !== 0 || this.#count > WORDS_MAX - 3;
      if (KNOWN[type] === 0 || values[type] !== 0 || isLast) return undefined;
      values[type] = place * 4 + NLA_HDRLEN;
      sizes[type] = length - NLA_HDRLEN;
      if (type !== c.NFULA_PAYLOAD) this.#fix(words, first, place);
      // The length of the address; the upper halves of the timestamp's two numbers.
      if (type === c.NFULA_HWADDR || type === c.NFULA_TIMESTAMP) this.#fix(words, first, place + 1);
      if (type === c.NFULA_TIMESTAMP) this.#fix(words, first, place + 3);
      place += wordAlign(length) >> 2;
    }
    return values[c.NFULA_PAYLOAD] === 0 ? undefined : { values, sizes };
  }

  #fix(words: Uint32Array, first: number, place: number): void {
    this.#places[this.#count] = place;
    this.#words[this.#count++] = words[first + place]!;
  }

  /** Returns whether a packet has this layout. */
  fits({ words, view }: Memory, start: number, end: number): boolean {
    const payload = this.#payload;
    const first = start >> 2;
    const at = start + payload;
    if (payload === 0 || at + NLA_HDRLEN > end) return false;
    const header = words[at >> 2]!;
    const length = header & 0xffff;
    if (header >>> 16 !== c.NFULA_PAYLOAD || length < NLA_HDRLEN || at + length > end) return false;
    // No attribute may follow.
    if (at + wordAlign(length) + NLA_HDRLEN <= end) return false;
    const fixed = this.#words;
    const places = this.#places;
    const count = this.#count;
    for (let n = 0; n < count; n++) {
      if (words[first + places[n]!] !== fixed[n]) return false;
    }
    const stamp = this.#stamp;
    return stamp === 0 || view.getUint32(start + stamp + 12) <= MICROSECONDS_MAX;
  }

  /** Decodes a packet that has this layout. */
  decode(packet: RawPacket, { bytes, halves, view }: Memory, start: number): true {
    const payload = start + this.#payload;
    packet.payloadOffset = payload + NLA_HDRLEN;
    packet.payloadLength = halves[payload >> 1]! - NLA_HDRLEN;
    const header = start + this.#packetHeader;
    packet.hwProtocol = view.getUint16(header);
    packet.hook = bytes[header + 2]!;
    const stamp = this.#stamp;
    if (stamp === 0) {
      packet.seconds = ABSENT;
      packet.nanoseconds = ABSENT;
    } else {
      packet.seconds = view.getUint32(start + stamp + 4);
      packet.nanoseconds = view.getUint32(start + stamp + 12) * 1000;
    }
    packet.inDev = numberAt(view, start, this.#inDev);
    packet.outDev = numberAt(view, start, this.#outDev);
    packet.seq = numberAt(view, start, this.#seq);
    packet.seqGlobal = numberAt(view, start, this.#seqGlobal);
    const prefix = start + this.#prefix;
    const prefixSize = this.#prefixSize;
    packet.prefixOffset = prefix;
    // The kernel includes a trailing NUL in the length.
    packet.prefixLength = prefixSize > 0 && bytes[prefix + prefixSize - 1] === 0
      ? prefixSize - 1
      : prefixSize;
    packet.hwAddressOffset = start + this.#hwAddress + 4;
    packet.hwAddressLength = this.#hwAddressLength;
    packet.hwHeaderOffset = start + this.#hwHeader;
    packet.hwHeaderLength = this.#hwHeaderLength;
    const hwType = this.#hwType;
    packet.hwType = hwType === 0 ? ABSENT : view.getUint16(start + hwType);
    packet.vlanProtocol = ABSENT;
    packet.vlanTci = ABSENT;
    if (this.#rare === undefined) clearRare(packet);
    else decodeRare(packet, view, start, this.#rare);
    return true;
  }
}

/** Offsets and sizes of attributes. */
interface Attributes {
  /** By type: offset of the value, in bytes from the first attribute; 0 means absent. */
  values: Int32Array;
  /** By type: size of the value in bytes; ABSENT means absent. */
  sizes: Int32Array;
}

function decodeRare(
  packet: RawPacket,
  view: DataView<ArrayBufferLike>,
  start: number,
  { values, sizes }: Attributes,
): void {
  packet.mark = numberAt(view, start, values[c.NFULA_MARK]!);
  packet.physInDev = numberAt(view, start, values[c.NFULA_IFINDEX_PHYSINDEV]!);
  packet.physOutDev = numberAt(view, start, values[c.NFULA_IFINDEX_PHYSOUTDEV]!);
  packet.uid = numberAt(view, start, values[c.NFULA_UID]!);
  packet.gid = numberAt(view, start, values[c.NFULA_GID]!);
  packet.l2HeaderOffset = start + values[c.NFULA_L2HDR]!;
  packet.l2HeaderLength = sizes[c.NFULA_L2HDR]!;
}

function clearRare(packet: RawPacket): void {
  packet.mark = ABSENT;
  packet.physInDev = ABSENT;
  packet.physOutDev = ABSENT;
  packet.uid = ABSENT;
  packet.gid = ABSENT;
  packet.l2HeaderLength = ABSENT;
}

/** Reads a number in network byte order; returns {@linkcode ABSENT} if its offset is 0. */
function numberAt(view: DataView<ArrayBufferLike>, start: number, place: number): number {
  return place === 0 ? ABSENT : view.getUint32(start + place);
}
