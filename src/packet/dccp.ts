/** The DCCP generic header (RFC 4340 section 5.1). */

import { readBe16, readBe32 } from "../bytes/memory.ts";
import { readDestinationPort, readSourcePort } from "./ports.ts";

/** The smallest size of a DCCP header in bytes: with a 24-bit sequence number. */
export const DCCP_HEADER = 12;
/** Its smallest size with a 48-bit sequence number. */
const DCCP_HEADER_EXTENDED = 16;
/** The X flag, in the same byte as the type. */
const EXTENDED = 1;

/**
 * Returns the length of the header in bytes, options included; 0 if its data offset is too small.
 */
export function dccpLength(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 4]! * 4;
  const least = bytes[at + 8]! & EXTENDED ? DCCP_HEADER_EXTENDED : DCCP_HEADER;
  return length < least ? 0 : length;
}

/** A view of a DCCP header in the packet. */
export class DccpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a whole header. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Source port. */
  get sourcePort(): number {
    return readSourcePort(this.#bytes, this.#at);
  }

  /** Destination port. */
  get destinationPort(): number {
    return readDestinationPort(this.#bytes, this.#at);
  }

  /** Length of the header in bytes, options included. */
  get headerLength(): number {
    return dccpLength(this.#bytes, this.#at);
  }

  /** Type: 0 Request, 1 Response, 2 Data, 3 Ack, 4 DataAck, 5 CloseReq, 6 Close, 7 Reset, 8 Sync, 9 SyncAck. */
  get type(): number {
    return this.#bytes[this.#at + 8]! >> 1 & 0xf;
  }

  /** Sequence number, of 48 bits or of 24. */
  get sequenceNumber(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    return bytes[at + 8]! & EXTENDED
      ? readBe16(bytes, at + 10) * 2 ** 32 + readBe32(bytes, at + 12)
      : readBe32(bytes, at + 8) & 0xffffff;
  }
}
