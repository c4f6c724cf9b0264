/**
 * Transport headers with what follows them, as bytes. Checksums are left 0 here:
 * they cover the addresses, too.
 *
 * @module
 */

import { TCP_FLAGS, TCP_HEADER } from "../packet/tcp.ts";
import type { IcmpFields, TcpFields, UdpFields } from "./fields.ts";

/** Bytes of a UDP header (RFC 768), and of an ICMP message before its data (RFC 792). */
const UDP_HEADER = 8;
const ICMP_HEADER = 8;

/** Echo replies and requests of ICMP and of ICMPv6; neither has the other's. */
const ECHO_TYPES: readonly number[] = [0, 8, 129, 128];

/** A segment, and where its checksum lies. */
export interface Segment {
  /** The header and what follows it. */
  bytes: Uint8Array;
  /** Offset of the checksum; undefined where there is none. */
  checksumAt: number | undefined;
}

/**
 * The flags as one byte.
 *
 * @param names As in `SYN,ACK`; `none` for none.
 * @returns Undefined where one of them is not known.
 */
export function tcpFlags(names: string): number | undefined {
  if (names === "none") return 0;
  let flags = 0;
  for (const name of names.toUpperCase().split(/[,\s]+/)) {
    const bit = TCP_FLAGS.find(([known]) => known === name)?.[1];
    if (bit === undefined) return undefined;
    flags |= bit;
  }
  return flags;
}

/** RFC 9293 section 3.1. */
export function tcpSegment(fields: Required<TcpFields>, data: Uint8Array): Segment {
  const { bytes, view } = withRoom(TCP_HEADER, data);
  view.setUint16(0, fields.sourcePort);
  view.setUint16(2, fields.destinationPort);
  view.setUint32(4, fields.sequenceNumber);
  view.setUint32(8, fields.acknowledgmentNumber);
  bytes[12] = TCP_HEADER / 4 << 4;
  bytes[13] = tcpFlags(fields.flags) ?? 0;
  view.setUint16(14, fields.window);
  return { bytes, checksumAt: 16 };
}

/** RFC 768. */
export function udpSegment(fields: Required<UdpFields>, data: Uint8Array): Segment {
  const { bytes, view } = withRoom(UDP_HEADER, data);
  view.setUint16(0, fields.sourcePort);
  view.setUint16(2, fields.destinationPort);
  view.setUint16(4, bytes.length);
  return { bytes, checksumAt: 6 };
}

/** RFC 792, RFC 4443. In an error message other fields stand where an echo has its numbers. */
export function icmpSegment(
  fields: IcmpFields & Pick<Required<IcmpFields>, "type" | "code">,
  data: Uint8Array,
): Segment {
  const byDefault = ECHO_TYPES.includes(fields.type) ? 1 : 0;
  const { bytes, view } = withRoom(ICMP_HEADER, data);
  bytes[0] = fields.type;
  bytes[1] = fields.code;
  view.setUint16(4, fields.identifier ?? byDefault);
  view.setUint16(6, fields.sequenceNumber ?? byDefault);
  return { bytes, checksumAt: 2 };
}

function withRoom(header: number, data: Uint8Array): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(header + data.length);
  bytes.set(data, header);
  return { bytes, view: new DataView(bytes.buffer) };
}
