/**
 * Packets for outputs.
 *
 * @module
 */

import { InterfaceTable } from "../../src/packet/interface.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";

/** Size of {@linkcode udpPacket}'s headers, in bytes. */
export const UDP_HEADERS = 28;

/**
 * Returns a UDP packet from 192.0.2.1 to 192.0.2.2.
 *
 * @param size Bytes of data.
 * @param seconds Its timestamp, since the Unix epoch.
 */
export function udpPacket(size = 4, seconds = 1_700_000_000): Packet {
  const bytes = new Uint8Array(UDP_HEADERS + size);
  const view = new DataView(bytes.buffer);
  // RFC 791: version and header length, type of service, total length, …, TTL, protocol
  bytes.set([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
  view.setUint16(2, bytes.length);
  // RFC 768: ports, length
  view.setUint16(20, 1234);
  view.setUint16(22, 9);
  view.setUint16(24, 8 + size);
  const raw = new RawPacket(new InterfaceTable());
  raw.reset(bytes, 0, bytes.length);
  raw.family = 2;
  raw.hwProtocol = 0x0800;
  raw.payloadOffset = 0;
  raw.payloadLength = bytes.length;
  raw.seconds = seconds;
  raw.nanoseconds = 123_456_000;
  return new Packet(raw);
}

/** Returns an ARP packet, which link type RAW cannot hold. */
export function arpPacket(): Packet {
  const raw = new RawPacket(new InterfaceTable());
  raw.reset(new Uint8Array(28), 0, 28);
  raw.family = 3;
  raw.hwProtocol = 0x0806;
  raw.payloadOffset = 0;
  raw.payloadLength = 28;
  return new Packet(raw);
}
