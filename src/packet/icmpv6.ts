/**
 * ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861) and multicast listener
 * discovery (RFC 2710).
 */

import { ipv6Text } from "./address.ts";
import { ICMP_HEADER, IcmpMessage, type Quote } from "./icmp_message.ts";
import { partOf, readBe16, readBe32 } from "../bytes/memory.ts";
import { type NeighbourOption, neighbourOptions } from "./neighbour.ts";

/** Types (linux/icmpv6.h, net/ndisc.h). */
const ICMPV6_DEST_UNREACH = 1;
const ICMPV6_PKT_TOOBIG = 2;
const ICMPV6_TIME_EXCEED = 3;
const ICMPV6_PARAMPROB = 4;
const ICMPV6_ECHO_REQUEST = 128;
const ICMPV6_ECHO_REPLY = 129;
const ICMPV6_MGM_QUERY = 130;
const ICMPV6_MGM_REDUCTION = 132;
const NDISC_ROUTER_SOLICITATION = 133;
const NDISC_ROUTER_ADVERTISEMENT = 134;
const NDISC_NEIGHBOUR_SOLICITATION = 135;
const NDISC_NEIGHBOUR_ADVERTISEMENT = 136;
const NDISC_REDIRECT = 137;
/** Types of extended echo (RFC 8335), which have a sequence number of 8 bits. */
const ICMPV6_EXT_ECHO_REQUEST = 160;
const ICMPV6_EXT_ECHO_REPLY = 161;

/** Offsets of the options of neighbour discovery, by type (RFC 4861 section 4). */
const OPTIONS_AT: Readonly<Record<number, number>> = {
  [NDISC_ROUTER_SOLICITATION]: 8,
  [NDISC_ROUTER_ADVERTISEMENT]: 16,
  [NDISC_NEIGHBOUR_SOLICITATION]: 24,
  [NDISC_NEIGHBOUR_ADVERTISEMENT]: 24,
  [NDISC_REDIRECT]: 40,
};

/** A view of an ICMPv6 header in the packet. */
export class Icmpv6HeaderOf<Embedded> extends IcmpMessage {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #end: number;
  readonly #quote: Quote<Embedded>;

  /** Creates a view of a header of 8 bytes; the captured bytes end at `end`. */
  constructor(bytes: Uint8Array, at: number, end: number, quote: Quote<Embedded>) {
    super(bytes, at);
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#quote = quote;
  }

  /** Whether it is an echo request or reply; absent for other messages. */
  get echo(): "request" | "reply" | undefined {
    return this.type === ICMPV6_ECHO_REQUEST
      ? "request"
      : this.type === ICMPV6_ECHO_REPLY
      ? "reply"
      : undefined;
  }

  /** Identifier of an echo; absent in other messages. */
  get identifier(): number | undefined {
    return this.echo !== undefined || this.#isExtendedEcho
      ? readBe16(this.#bytes, this.#at + 4)
      : undefined;
  }

  /** Sequence number of an echo; absent in other messages. */
  get sequenceNumber(): number | undefined {
    if (this.#isExtendedEcho) return this.#bytes[this.#at + 6]!;
    return this.echo === undefined ? undefined : readBe16(this.#bytes, this.#at + 6);
  }

  /** MTU of the next hop in bytes, if a packet was too big. */
  get mtu(): number | undefined {
    return this.type === ICMPV6_PKT_TOOBIG ? this.restOfHeader : undefined;
  }

  /** Position of the error in a parameter problem, in bytes from the start of the quoted packet. */
  get pointer(): number | undefined {
    return this.type === ICMPV6_PARAMPROB ? this.restOfHeader : undefined;
  }

  /** Target address of neighbour discovery or a redirect, such as `fe80::1`. */
  get target(): string | undefined {
    const { type } = this;
    return type >= NDISC_NEIGHBOUR_SOLICITATION && type <= NDISC_REDIRECT
      ? this.#address(8)
      : undefined;
  }

  /** Destination for which a redirect names a better first hop. */
  get redirectDestination(): string | undefined {
    return this.type === NDISC_REDIRECT ? this.#address(24) : undefined;
  }

  /** The multicast group of a listener query, report or done; `::` queries all. */
  get group(): string | undefined {
    const { type } = this;
    return type >= ICMPV6_MGM_QUERY && type <= ICMPV6_MGM_REDUCTION ? this.#address(8) : undefined;
  }

  /** Captured options of neighbour discovery; a new list each time, absent in other messages. */
  get options(): NeighbourOption[] | undefined {
    const offset = OPTIONS_AT[this.type];
    return offset === undefined
      ? undefined
      : neighbourOptions(this.#bytes, this.#at + offset, this.#end);
  }

  /** The second 4 bytes as one number, whatever their meaning. */
  get restOfHeader(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }

  /** Captured bytes after the 8 bytes of the header: a view. */
  get data(): Uint8Array {
    return partOf(this.#bytes, this.#at + ICMP_HEADER, this.#end);
  }

  /** The packet that an error quotes, as much as was quoted. */
  get embedded(): Embedded | undefined {
    const { type } = this;
    const at = this.#at + ICMP_HEADER;
    if (type < ICMPV6_DEST_UNREACH || type > ICMPV6_PARAMPROB || at >= this.#end) return undefined;
    // RFC 4884: if extensions follow, the length of the quoted packet in units of 8 bytes.
    const quoted = type === ICMPV6_DEST_UNREACH || type === ICMPV6_TIME_EXCEED
      ? this.#bytes[this.#at + 4]! * 8
      : 0;
    return this.#quote(
      this.#bytes,
      at,
      quoted === 0 ? this.#end : Math.min(this.#end, at + quoted),
    );
  }

  get #isExtendedEcho(): boolean {
    return this.type === ICMPV6_EXT_ECHO_REQUEST || this.type === ICMPV6_EXT_ECHO_REPLY;
  }

  #address(offset: number): string | undefined {
    const at = this.#at + offset;
    return at + 16 <= this.#end ? ipv6Text(this.#bytes, at) : undefined;
  }
}
