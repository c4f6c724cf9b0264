/**
 * Generic Routing Encapsulation (RFC 2784, with key and sequence number of RFC
 * 2890; version 1 is PPTP's, RFC 2637 section 4.1).
 */

import { readBe16, readBe32 } from "../bytes/memory.ts";

/** Size of the mandatory header in bytes. */
export const GRE_HEADER = 4;

/** Flags of the first two bytes; the last one is PPTP's. */
const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGMENT = 0x0080;
const VERSION = 0x0007;

/** Returns the length of the header in bytes, from its flags. */
export function greLength(bytes: Uint8Array, at: number): number {
  const flags = readBe16(bytes, at);
  return afterSequence(flags) + ((flags & VERSION) === 1 && flags & ACKNOWLEDGMENT ? 4 : 0);
}

/**
 * Returns the offset after the checksum and routing fields (RFC 1701), where the optional key is.
 */
function afterChecksum(flags: number): number {
  return GRE_HEADER + (flags & (CHECKSUM | ROUTING) ? 4 : 0);
}

function afterKey(flags: number): number {
  return afterChecksum(flags) + (flags & KEY ? 4 : 0);
}

function afterSequence(flags: number): number {
  return afterKey(flags) + (flags & SEQUENCE ? 4 : 0);
}

/** A view of a GRE header in the packet. */
export class GreHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a whole header. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The first two bytes: checksum 0x8000, routing 0x4000, key 0x2000, sequence number 0x1000, version 7. */
  get flags(): number {
    return readBe16(this.#bytes, this.#at);
  }

  /** 0, or 1 for PPTP. */
  get version(): number {
    return this.flags & VERSION;
  }

  /** EtherType of the payload, such as 0x0800. */
  get protocol(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }

  /** Checksum as sent; absent if there is none. */
  get checksum(): number | undefined {
    return this.flags & CHECKSUM ? readBe16(this.#bytes, this.#at + GRE_HEADER) : undefined;
  }

  /** Key, 32 bits; for PPTP, payload length and call id. */
  get key(): number | undefined {
    const { flags } = this;
    return flags & KEY ? readBe32(this.#bytes, this.#at + afterChecksum(flags)) : undefined;
  }

  /** Sequence number; absent if there is none. */
  get sequenceNumber(): number | undefined {
    const { flags } = this;
    return flags & SEQUENCE ? readBe32(this.#bytes, this.#at + afterKey(flags)) : undefined;
  }
}
