/** UDP (RFC 768), UDP-Lite (RFC 3828) and the generic header of DCCP (RFC 4340). */

import { DCCP_TYPES } from "../../packet/describe_transport.ts";
import { IPPROTO_DCCP, IPPROTO_UDP, IPPROTO_UDPLITE } from "../../packet/protocols.ts";
import { UDP_HEADER } from "../../packet/udp.ts";
import { UDPLITE_HEADER } from "../../packet/udplite.ts";
import type { Layer } from "./layer.ts";
import { hex, lengthIn, named, portOf, yesOrNo } from "./values.ts";

/** Reads a datagram. */
export function udp(into: Layer): void {
  into.part("UDP", Infinity, (header) => {
    const { at } = header;
    const ends = ports(header, IPPROTO_UDP);
    const length = header.number("length", 2);
    header.number("checksum", 2, hex(4));
    // 0 stands for the whole packet: jumbograms, and packets of devices with offload.
    if (length !== 0 && length < UDP_HEADER) {
      header.malformed(`length is less than that of the header, ${UDP_HEADER}`);
    } else if (length !== 0) into.limit = Math.min(into.limit, at + length);
    return ends;
  });
  into.rest();
}

/** Reads a datagram of UDP-Lite. */
export function udplite(into: Layer): void {
  into.part("UDP-Lite", Infinity, (header) => {
    const ends = ports(header, IPPROTO_UDPLITE);
    const covered = header.number("checksumCoverage", 2);
    header.number("checksum", 2, hex(4));
    if (covered !== 0 && covered < UDPLITE_HEADER) {
      header.malformed(`the checksum covers at least the header, ${UDPLITE_HEADER} bytes`);
    }
    return ends;
  });
  into.rest();
}

const dccpType = named(DCCP_TYPES);

/** Reads a packet of DCCP. */
export function dccp(into: Layer): void {
  into.part("DCCP", Infinity, (header) => {
    const { at } = header;
    const ends = ports(header, IPPROTO_DCCP);
    const length = 4 * header.number("headerLength", 1, lengthIn(4));
    header.bits("ccval", 1, 4, 4);
    header.bits("checksumCoverage", 1, 0, 4);
    header.skip(1);
    header.number("checksum", 2, hex(4));
    const type = header.bits("type", 1, 1, 4, dccpType);
    const isExtended = header.bits("extendedSequenceNumbers", 1, 0, 1, yesOrNo) === 1;
    header.skip(1);
    const least = isExtended ? 16 : 12;
    if (!header.isOver && length < least) header.malformed(`a header has at least ${least} bytes`);
    if (isExtended) header.number("reserved", 1);
    if (isExtended) header.value("sequenceNumber", 6, sequence48);
    else header.number("sequenceNumber", 3);
    if (length > least) header.data("options", Math.min(header.left, at + length - header.at));
    return `${ends} ${DCCP_TYPES[type] ?? `type ${type}`}`;
  });
  into.rest();
}

/** Reads the two ports; returns them for people. */
export function ports(header: Layer, protocol: number): string {
  const text = portOf(protocol);
  const source = header.number("sourcePort", 2, text);
  return `${source} > ${header.number("destinationPort", 2, text)}`;
}

function sequence48(bytes: Uint8Array, at: number): string {
  return String(Number(`0x${bytes.subarray(at, at + 6).toHex()}`));
}
