/**
 * The two ports that TCP, UDP, UDP-Lite, SCTP and DCCP begin with.
 *
 * @module
 */

import { readBe16 } from "./memory.ts";

/** Bytes of the two ports. */
export const PORTS = 4;

/** A header that begins with two ports. */
export class PortsHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of at least 4 bytes. */
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
}
