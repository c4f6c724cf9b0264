/** The TCP header (RFC 9293 section 3.1). */

import { readBe16, readBe32 } from "../bytes/memory.ts";
import { type HeaderOption, headerOptions } from "./options.ts";
import { readDestinationPort, readSourcePort } from "./ports.ts";

/** The smallest size of a TCP header, in bytes. */
export const TCP_HEADER = 20;

/** Flags from the highest bit down, the usual order for reading. */
export const TCP_FLAGS = [
  ["CWR", 0x80],
  ["ECE", 0x40],
  ["URG", 0x20],
  ["ACK", 0x10],
  ["PSH", 0x08],
  ["RST", 0x04],
  ["SYN", 0x02],
  ["FIN", 0x01],
] as const;

/** Kinds of options (IANA TCP option kind numbers; RFC 9293 section 3.2, RFC 7323, RFC 2018). */
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const TIMESTAMPS = 8;

/** The timestamps option (RFC 7323 section 3). */
export interface TcpTimestamps {
  /** The sender's clock (`TSval`). */
  readonly value: number;
  /** The latest value of the receiver's clock (`TSecr`). */
  readonly echoReply: number;
}

/** Returns the length of the header in bytes, from its data offset. */
export function tcpLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + 12]! >> 4) * 4;
}

/** Returns the flags of a byte by name, from the highest bit down, such as `ACK,SYN`. */
export function tcpFlagNames(flags: number): string {
  const names = TCP_FLAGS.filter(([, bit]) => flags & bit).map(([name]) => name);
  return names.join(",") || "none";
}

/** A view of a TCP header in the packet. */
export class TcpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #end: number;

  /** Creates a view of a header of at least 20 bytes, captured up to `end`. */
  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** Source port. */
  get sourcePort(): number {
    return readSourcePort(this.#bytes, this.#at);
  }

  /** Destination port. */
  get destinationPort(): number {
    return readDestinationPort(this.#bytes, this.#at);
  }

  /** Sequence number. */
  get sequenceNumber(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }

  /** Acknowledgment number; valid only if the ACK flag is set. */
  get acknowledgmentNumber(): number {
    return readBe32(this.#bytes, this.#at + 8);
  }

  /** The eight flags as one byte: FIN is 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  get flags(): number {
    return this.#bytes[this.#at + 13]!;
  }

  /** The flags by name, from the highest bit down, such as `ACK,SYN`; `none` if none is set. */
  get flagNames(): string {
    return tcpFlagNames(this.flags);
  }

  /** Window, not scaled. */
  get window(): number {
    return readBe16(this.#bytes, this.#at + 14);
  }

  /** Length of the header in bytes, options included: 20 to 60. */
  get headerLength(): number {
    return tcpLength(this.#bytes, this.#at);
  }

  /** Checksum as sent. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 16);
  }

  /** Urgent pointer; valid only if the URG flag is set. */
  get urgentPointer(): number {
    return readBe16(this.#bytes, this.#at + 18);
  }

  /** Captured options without padding; a new list each time. */
  get options(): HeaderOption[] {
    const end = Math.min(this.#at + this.headerLength, this.#end);
    return headerOptions(this.#bytes, this.#at + TCP_HEADER, end);
  }

  /** Maximum segment size, in bytes. */
  get mss(): number | undefined {
    const data = this.#option(MAXIMUM_SEGMENT_SIZE, 2);
    return data && readBe16(data, 0);
  }

  /** Window scale: the window counts in units of two to this power. */
  get windowScale(): number | undefined {
    return this.#option(WINDOW_SCALE, 1)?.[0];
  }

  /** Whether selective acknowledgments are permitted. */
  get sackPermitted(): boolean {
    return this.#option(SACK_PERMITTED, 0) !== undefined;
  }

  /** The timestamps of both sides. */
  get timestamps(): TcpTimestamps | undefined {
    const data = this.#option(TIMESTAMPS, 8);
    return data && { value: readBe32(data, 0), echoReply: readBe32(data, 4) };
  }

  /** Returns the value of the first option of a kind that has the right length. */
  #option(kind: number, length: number): Uint8Array | undefined {
    return this.options.find(({ type, data }) => type === kind && data.length === length)?.data;
  }
}
