/** Writes packets of link type RAW: IPv4 and IPv6 packets, which begin with the IP header. */

import { ipVersion, originalLength } from "../../packet/ip.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { UNFIT } from "../../record/encoder.ts";
import { Copier } from "../../bytes/write.ts";
import type { Framing } from "./framing.ts";

/** Packets without a link header; only IP can be written. */
export class RawFraming implements Framing {
  /** Original length of the packet measured last, in bytes. */
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
