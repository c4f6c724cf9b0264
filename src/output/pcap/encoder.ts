/** The pure half of the pcap output: encodes a packet as a record. */

import { defineEncoders } from "../../record/define.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../../record/encoder.ts";
import { LastView } from "../../bytes/write.ts";
import { EthernetFraming } from "../../pcap/link/ethernet.ts";
import { RECORD_HEADER } from "../../pcap/write/pcap.ts";
import type { Framing } from "../../pcap/link/framing.ts";
import { NflogFraming } from "../../pcap/link/nflog.ts";
import type { PcapFormatOptions } from "./options.ts";
import type { LinkType } from "../../pcap/link/framing.ts";
import { PcapngEncoder } from "./pcapng_encoder.ts";
import { RawFraming } from "../../pcap/link/raw.ts";

/** Options of an encoder. */
export interface PcapEncoderOptions extends PcapFormatOptions {
  /**
   * Returns the number of packets lost so far, called for each packet; pcapng records with a packet
   * how many were lost since the one before.
   */
  lost?: () => number;
}

/** Creates the encoder for a format and a link type. */
export function pcapEncoder({ format, linkType, lost }: PcapEncoderOptions): Encoder<RawPacket> {
  if (format === "pcapng") return new PcapngEncoder(framingOf(linkType), linkType, lost);
  return new PcapEncoder(framingOf(linkType));
}

function framingOf(linkType: LinkType): Framing {
  switch (linkType) {
    case "raw":
      return new RawFraming();
    case "ethernet":
      return new EthernetFraming();
    case "nflog":
      return new NflogFraming();
  }
}

/** Encodes pcap records, of link type RAW by default. */
export class PcapEncoder implements Encoder<RawPacket> {
  readonly #framing: Framing;
  readonly #view = new LastView();

  /** Creates an encoder for a link type. */
  constructor(framing: Framing = new RawFraming()) {
    this.#framing = framing;
  }

  /** Encodes a packet as one record. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const framing = this.#framing;
    const captured = framing.measure(packet);
    if (captured === UNFIT) return UNFIT;
    if (at + RECORD_HEADER + captured > out.length) return NO_ROOM;
    writeRecordHeader(packet, this.#view.of(out), at, captured, framing.original);
    framing.write(packet, out, at + RECORD_HEADER);
    return RECORD_HEADER + captured;
  }
}

/** Writes seconds, microseconds, captured length, original length. */
function writeRecordHeader(
  packet: RawPacket,
  out: DataView<ArrayBufferLike>,
  at: number,
  captured: number,
  original: number,
): void {
  const stamped = packet.seconds !== ABSENT;
  const nanoseconds = stamped ? packet.nanoseconds : packet.receivedNanoseconds;
  out.setUint32(at, stamped ? packet.seconds : packet.receivedSeconds, true);
  out.setUint32(at + 4, nanoseconds / 1000 | 0, true);
  out.setUint32(at + 8, captured, true);
  out.setUint32(at + 12, original, true);
}

/** Encoders of the pcap output. */
export const pcapEncoders = defineEncoders<PcapEncoderOptions>({ packet: pcapEncoder });
