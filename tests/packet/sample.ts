/**
 * Packets for tests, built from parts, so that a test shows only what matters.
 *
 * @module
 */

import { concat as join } from "../../src/bytes/write.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";

/** Parses hexadecimal digits; blanks are ignored, and a `#` begins a comment. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/#.*$/gm, "").replace(/\s+/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Joins bytes. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return join(parts);
}

/** Returns an IPv4 packet from 192.0.2.1 to 198.51.100.2. */
export function ipv4(
  protocol: number,
  payload: Uint8Array,
  { totalLength = 20 + payload.length, fragment = 0, options = new Uint8Array(0) } = {},
): Uint8Array<ArrayBuffer> {
  const header = hex("45 00 0000 1234 0000 40 00 0000 c0000201 c6336402");
  const view = new DataView(header.buffer);
  header[0] = 0x40 | (20 + options.length) / 4;
  header[9] = protocol;
  view.setUint16(2, totalLength + options.length);
  view.setUint16(6, fragment);
  return concat(header, options, payload);
}

/** Returns an IPv6 packet from 2001:db8::1 to 2001:db8::2. */
export function ipv6(
  nextHeader: number,
  payload: Uint8Array,
  { payloadLength = payload.length } = {},
): Uint8Array<ArrayBuffer> {
  const header = hex(`
    60000000 0000 00 40
    20010db8 00000000 00000000 00000001
    20010db8 00000000 00000000 00000002`);
  header[6] = nextHeader;
  new DataView(header.buffer).setUint16(4, payloadLength);
  return concat(header, payload);
}

/**
 * Returns the beginning of an IPv6 jumbogram (RFC 2675) as Linux makes it of TCP.
 *
 * @param length Bytes after its IPv6 header.
 * @param options Options before the one with the length.
 */
export function jumbogram(length: number, options = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const jumbo = hex("c2 04 00000000");
  new DataView(jumbo.buffer).setUint32(2, length);
  const header = concat(Uint8Array.of(6, (options.length + 8) / 8 - 1), options, jumbo);
  return ipv6(0, concat(header, tcp()), { payloadLength: 0 });
}

/** Returns a TCP header from port 40000 to `port`, SYN by default. */
export function tcp(port = 443, flags = 0x02): Uint8Array<ArrayBuffer> {
  const header = hex("9c40 0000 89abcdef 76543210 50 00 fde8 0000 0000");
  new DataView(header.buffer).setUint16(2, port);
  header[13] = flags;
  return header;
}

/** Returns a UDP header from port 40000 to `port`, and the data. */
export function udp(port = 53, data = new Uint8Array(4)): Uint8Array<ArrayBuffer> {
  const header = hex("9c40 0000 0000 0000");
  const view = new DataView(header.buffer);
  view.setUint16(2, port);
  view.setUint16(4, 8 + data.length);
  return concat(header, data);
}

/** Returns the first bytes of an ICMP or ICMPv6 message; identifier 7, sequence number 9. */
export function icmp(type: number, code = 0): Uint8Array<ArrayBuffer> {
  return concat(new Uint8Array([type, code]), hex("0000 0007 0009"));
}

/** Returns a packet as a decoder would have filled it in for this payload; IPv4 by default. */
export function rawPacket(payload?: Uint8Array, fields: Partial<RawPacket> = {}): RawPacket {
  const raw = new RawPacket(new InterfaceTable());
  const bytes = payload ?? new Uint8Array(0);
  raw.reset(bytes, 0, bytes.length);
  raw.family = 2;
  if (payload !== undefined) {
    raw.payloadOffset = 0;
    raw.payloadLength = payload.length;
  }
  return Object.assign(raw, fields);
}

/** Returns the same as programs receive it. */
export function packetOf(payload?: Uint8Array, fields?: Partial<RawPacket>): Packet {
  return new Packet(rawPacket(payload, fields));
}
