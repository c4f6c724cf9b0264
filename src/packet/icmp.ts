/**
 * The ICMP header (RFC 792) and the ICMPv6 header (RFC 4443), which share their
 * first bytes.
 *
 * @module
 */

import { readBe16 } from "./memory.ts";

/** IANA protocol number of ICMP. */
export const IPPROTO_ICMP = 1;
/** IANA protocol number of ICMPv6. */
export const IPPROTO_ICMPV6 = 58;
/** Bytes of the header that every message has. */
export const ICMP_HEADER = 8;

/** Echo request and reply, by protocol. */
const ECHO: Readonly<Record<number, readonly [request: number, reply: number]>> = {
  [IPPROTO_ICMP]: [8, 0],
  [IPPROTO_ICMPV6]: [128, 129],
};

/** An ICMP or ICMPv6 header, as it lies in the packet. */
export class IcmpHeader {
  readonly #protocol: typeof IPPROTO_ICMP | typeof IPPROTO_ICMPV6;
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of 8 bytes. */
  constructor(
    protocol: typeof IPPROTO_ICMP | typeof IPPROTO_ICMPV6,
    bytes: Uint8Array,
    at: number,
  ) {
    this.#protocol = protocol;
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Type: what kind of message it is. */
  get type(): number {
    return this.#bytes[this.#at]!;
  }

  /** Code: which of its kind. */
  get code(): number {
    return this.#bytes[this.#at + 1]!;
  }

  /** Whether it asks for an echo, answers one, or neither. */
  get echo(): "request" | "reply" | undefined {
    const [request, reply] = ECHO[this.#protocol]!;
    return this.type === request ? "request" : this.type === reply ? "reply" : undefined;
  }

  /** Identifier of an echo; absent in other messages. */
  get identifier(): number | undefined {
    return this.echo === undefined ? undefined : readBe16(this.#bytes, this.#at + 4);
  }

  /** Sequence number of an echo; absent in other messages. */
  get sequenceNumber(): number | undefined {
    return this.echo === undefined ? undefined : readBe16(this.#bytes, this.#at + 6);
  }
}
