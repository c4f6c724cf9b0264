/**
 * Link type RAW: IPv4 and IPv6 packets from their IP header on.
 *
 * @module
 */

import { ipVersion, originalLength } from "../../packet/ip.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { UNFIT } from "../../record/encoder.ts";
import { Copier } from "../write/bytes.ts";
import type { Framing } from "./framing.ts";

/** The payload as it is; what is not IP has no place. */
export class RawFraming implements Framing {
  /** Bytes of the packet measured last, with what was cut off. */
  original = 0;
  readonly #copier = new Copier();

  /** Measures a packet. */
  measure(packet: RawPacket): number {
    if (ipVersion(packet) === 0) return UNFIT;
    this.original = originalLength(packet);
    return packet.payloadLength;
  }

  /** Writes the packet measured last. */
  write({ bytes, payloadOffset, payloadLength }: RawPacket, out: Uint8Array, at: number): void {
    this.#copier.copy(out, at, bytes, payloadOffset, payloadLength);
  }
}
