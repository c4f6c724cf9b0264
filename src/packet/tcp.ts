/**
 * The TCP header (RFC 9293 section 3.1).
 *
 * @module
 */

import { readBe16, readBe32 } from "./memory.ts";

/** IANA protocol number of TCP. */
export const IPPROTO_TCP = 6;
/** The least length of a TCP header, in bytes. */
export const TCP_HEADER = 20;

/** Flags from the highest bit down, as they are usually read out. */
const FLAGS = [
  ["CWR", 0x80],
  ["ECE", 0x40],
  ["URG", 0x20],
  ["ACK", 0x10],
  ["PSH", 0x08],
  ["RST", 0x04],
  ["SYN", 0x02],
  ["FIN", 0x01],
] as const;

/** A TCP header, as it lies in the packet. */
export class TcpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of at least 20 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Source port. */
  get sourcePort(): number {
    return readBe16(this.#bytes, this.#at);
  }

  /** Destination port. */
  get destinationPort(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }

  /** Sequence number. */
  get sequenceNumber(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }

  /** Acknowledgment number; a value only where the ACK flag is set. */
  get acknowledgmentNumber(): number {
    return readBe32(this.#bytes, this.#at + 8);
  }

  /** The eight flags as one byte: FIN is 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  get flags(): number {
    return this.#bytes[this.#at + 13]!;
  }

  /** The flags by name, from the highest bit down, as in `ACK,SYN`; `none` where none is set. */
  get flagNames(): string {
    const names = FLAGS.filter(([, bit]) => this.flags & bit).map(([name]) => name);
    return names.join(",") || "none";
  }

  /** Window, not scaled. */
  get window(): number {
    return readBe16(this.#bytes, this.#at + 14);
  }
}
