/**
 * The pure half of the pcap output: a packet to a record.
 *
 * @module
 */

import { ipVersion, originalLength } from "../../packet/ip.ts";
import { ABSENT, type RawPacket } from "../../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../output.ts";
import { copyBytes, writeLe32 } from "./bytes.ts";
import { EthernetFraming } from "./ethernet.ts";
import { RECORD_HEADER } from "./format.ts";
import type { Framing } from "./link_type.ts";
import { NflogFraming } from "./nflog.ts";
import type { LinkType, PcapOptions } from "./options.ts";
import { PcapngEncoder } from "./pcapng_encoder.ts";
import { RawFraming } from "./raw.ts";

/** What an encoder must know of the options. */
export interface PcapEncoderOptions extends Pick<PcapOptions, "format" | "linkType"> {
  /**
   * How many packets were lost so far, asked at each packet; pcapng notes at a
   * packet how many were lost since the one before.
   */
  lost?: () => number;
}

/** Makes the encoder for a format and a link type. */
export function pcapEncoder({ format, linkType, lost }: PcapEncoderOptions): Encoder {
  if (format === "pcapng") return new PcapngEncoder(framingOf(linkType), linkType, lost);
  return linkType === "raw" ? new PcapEncoder() : new FramedPcapEncoder(framingOf(linkType));
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

/** Writes pcap records of link type RAW, which holds IPv4 and IPv6 packets. */
export class PcapEncoder implements Encoder {
  /** Writes one packet as one record. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const { bytes, payloadOffset, payloadLength } = packet;
    if (ipVersion(packet) === 0) return UNFIT;
    if (at + RECORD_HEADER + payloadLength > out.length) return NO_ROOM;
    writeRecordHeader(packet, out, at, payloadLength, originalLength(packet));
    copyBytes(out, at + RECORD_HEADER, bytes, payloadOffset, payloadLength);
    return RECORD_HEADER + payloadLength;
  }
}

/** Writes pcap records of any link type. */
export class FramedPcapEncoder implements Encoder {
  readonly #framing: Framing;

  /** Makes it for a link type. */
  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Writes one packet as one record. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const captured = this.#framing.measure(packet);
    if (captured === UNFIT) return UNFIT;
    if (at + RECORD_HEADER + captured > out.length) return NO_ROOM;
    writeRecordHeader(packet, out, at, captured, this.#framing.original);
    this.#framing.write(packet, out, at + RECORD_HEADER);
    return RECORD_HEADER + captured;
  }
}

/** Seconds, microseconds, captured length, original length. */
function writeRecordHeader(
  packet: RawPacket,
  out: Uint8Array,
  at: number,
  captured: number,
  original: number,
): void {
  const stamped = packet.seconds !== ABSENT;
  const nanoseconds = stamped ? packet.nanoseconds : packet.receivedNanoseconds;
  writeLe32(out, at, stamped ? packet.seconds : packet.receivedSeconds);
  writeLe32(out, at + 4, nanoseconds / 1000);
  writeLe32(out, at + 8, captured);
  writeLe32(out, at + 12, original);
}
