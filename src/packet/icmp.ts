/**
 * ICMP (RFC 792; address masks RFC 950, next-hop MTU RFC 1191, length of the quoted packet RFC
 * 4884).
 */

import { ipv4Text } from "./address.ts";
import { ICMP_HEADER, IcmpMessage, type Quote } from "./icmp_message.ts";
import { partOf, readBe16, readBe32 } from "../bytes/memory.ts";

/** Types (linux/icmp.h). */
const ICMP_ECHOREPLY = 0;
const ICMP_DEST_UNREACH = 3;
const ICMP_SOURCE_QUENCH = 4;
const ICMP_REDIRECT = 5;
const ICMP_ECHO = 8;
const ICMP_TIME_EXCEEDED = 11;
const ICMP_PARAMETERPROB = 12;
const ICMP_TIMESTAMP = 13;
const ICMP_ADDRESSREPLY = 18;
/** Types of extended echo (RFC 8335), which have a sequence number of 8 bits. */
const ICMP_EXT_ECHO = 42;
const ICMP_EXT_ECHOREPLY = 43;
/** Code of {@linkcode ICMP_DEST_UNREACH} (linux/icmp.h). */
const ICMP_FRAG_NEEDED = 4;

/** A view of an ICMP header in the packet. */
export class IcmpHeaderOf<Embedded> extends IcmpMessage {
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
    return this.type === ICMP_ECHO ? "request" : this.type === ICMP_ECHOREPLY ? "reply" : undefined;
  }

  /** Identifier of an echo, timestamp, information or address mask message; absent in others. */
  get identifier(): number | undefined {
    return this.#isQuery ? readBe16(this.#bytes, this.#at + 4) : undefined;
  }

  /** Sequence number of the same messages; absent in others. */
  get sequenceNumber(): number | undefined {
    if (!this.#isQuery) return undefined;
    return this.type >= ICMP_EXT_ECHO
      ? this.#bytes[this.#at + 6]!
      : readBe16(this.#bytes, this.#at + 6);
  }

  /** Router to which a redirect points. */
  get gateway(): string | undefined {
    return this.type === ICMP_REDIRECT ? ipv4Text(this.#bytes, this.#at + 4) : undefined;
  }

  /** MTU of the next hop in bytes, if a packet had to be fragmented; old routers send 0. */
  get mtu(): number | undefined {
    return this.type === ICMP_DEST_UNREACH && this.code === ICMP_FRAG_NEEDED
      ? readBe16(this.#bytes, this.#at + 6)
      : undefined;
  }

  /** Position of the error in a parameter problem, in bytes from the start of the quoted packet. */
  get pointer(): number | undefined {
    return this.type === ICMP_PARAMETERPROB ? this.#bytes[this.#at + 4]! : undefined;
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
    const at = this.#at + ICMP_HEADER;
    if (!this.#isError || at >= this.#end) return undefined;
    // RFC 4884: if extensions follow, the length of the quoted packet in units of 4 bytes.
    const quoted = this.type === ICMP_DEST_UNREACH || this.type >= ICMP_TIME_EXCEEDED
      ? this.#bytes[this.#at + 5]! * 4
      : 0;
    return this.#quote(
      this.#bytes,
      at,
      quoted === 0 ? this.#end : Math.min(this.#end, at + quoted),
    );
  }

  get #isQuery(): boolean {
    const { type } = this;
    return type === ICMP_ECHO || type === ICMP_ECHOREPLY ||
      (type >= ICMP_TIMESTAMP && type <= ICMP_ADDRESSREPLY) ||
      type === ICMP_EXT_ECHO || type === ICMP_EXT_ECHOREPLY;
  }

  get #isError(): boolean {
    const { type } = this;
    return type === ICMP_DEST_UNREACH || type === ICMP_SOURCE_QUENCH || type === ICMP_REDIRECT ||
      type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETERPROB;
  }
}
