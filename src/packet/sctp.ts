/** The SCTP common header and its chunks (RFC 9260 section 3). */

import { readBe16, readBe32 } from "../bytes/memory.ts";
import { readDestinationPort, readSourcePort } from "./ports.ts";

/** Length of the common header, in bytes. */
export const SCTP_HEADER = 12;
/** Size of a chunk before its value in bytes: type, flags, length. */
const CHUNK_HEADER = 4;

/** A chunk of an SCTP packet. */
export interface SctpChunk {
  /** Its type (IANA SCTP chunk types), such as 0 DATA, 1 INIT, 2 INIT ACK, 3 SACK. */
  readonly type: number;
  /** Its flags. */
  readonly flags: number;
  /** Its length in bytes, including type, flags and length, but not padding. */
  readonly length: number;
}

/** A view of an SCTP common header in the packet. */
export class SctpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #end: number;

  /** Creates a view of a header of 12 bytes; the captured bytes end at `end`. */
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

  /** Verification tag, which identifies the association; 0 in an INIT. */
  get verificationTag(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }

  /** Checksum (CRC32c) as sent. */
  get checksum(): number {
    return readBe32(this.#bytes, this.#at + 8);
  }

  /** The chunks whose first 4 bytes were captured; a new list each time. */
  get chunks(): SctpChunk[] {
    const bytes = this.#bytes;
    const chunks: SctpChunk[] = [];
    for (let at = this.#at + SCTP_HEADER; at + CHUNK_HEADER <= this.#end;) {
      const length = readBe16(bytes, at + 2);
      chunks.push({ type: bytes[at]!, flags: bytes[at + 1]!, length });
      // After an impossible length the offset of the next chunk is unknown.
      if (length < CHUNK_HEADER) break;
      at += length + 3 & ~3;
    }
    return chunks;
  }
}
