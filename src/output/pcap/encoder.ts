/**
 * The pure half of the pcap output: a packet to a record.
 *
 * @module
 */

import { ipVersion, originalLength } from "../../packet/ip.ts";
import { ABSENT, type RawPacket } from "../../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../output.ts";
import { RECORD_HEADER } from "./format.ts";

/** Up to this many bytes a plain loop copies faster than `set`, measured. */
const LOOP_MAX = 256;

/** Writes records of link type RAW, which holds IPv4 and IPv6 packets. */
export class PcapEncoder implements Encoder {
  /** Writes one packet as one record. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const { bytes, payloadOffset, payloadLength } = packet;
    if (ipVersion(packet) === 0) return UNFIT;
    if (at + RECORD_HEADER + payloadLength > out.length) return NO_ROOM;
    const stamped = packet.seconds !== ABSENT;
    const nanoseconds = stamped ? packet.nanoseconds : packet.receivedNanoseconds;
    writeLe32(out, at, stamped ? packet.seconds : packet.receivedSeconds);
    writeLe32(out, at + 4, nanoseconds / 1000);
    writeLe32(out, at + 8, payloadLength);
    writeLe32(out, at + 12, originalLength(packet));
    const to = at + RECORD_HEADER;
    if (payloadLength <= LOOP_MAX) {
      for (let i = 0; i < payloadLength; i++) out[to + i] = bytes[payloadOffset + i]!;
    } else {
      out.set(bytes.subarray(payloadOffset, payloadOffset + payloadLength), to);
    }
    return RECORD_HEADER + payloadLength;
  }
}

/** Writes the integer part of a number, modulo 2^32. */
function writeLe32(out: Uint8Array, at: number, value: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}
