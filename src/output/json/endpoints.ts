/** Addresses, ports and protocol of the structured form as JSON. */

import { ABSENT } from "../../packet/absent.ts";
import type { Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import { portsAt } from "../../packet/transport.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { above, choice, ipv4, template, u16 } from "../../text/template.ts";
import { TOP } from "./fields.ts";
import { PROTOCOLS, protocolWord } from "./named.ts";
import { address, arpAddress } from "./network.ts";

const SOURCE = new Word(',"source":"');
const SOURCE_PORT = new Word(',"sourcePort":');
const DESTINATION = new Word(',"destination":"');
const DESTINATION_PORT = new Word(',"destinationPort":');
const QUOTE = new Word('"');
const ARP_PROTOCOL = new Word(',"protocol":"ARP"');

/** Bits of what {@linkcode endpoints} writes. */
export const ENDPOINTS: number = TOP.source | TOP.sourcePort | TOP.destination |
  TOP.destinationPort | TOP.protocol;

/** Addresses of an IPv4 header and the ports above it. */
const FROM = template`,"source":"${ipv4(12)}","sourcePort":${above(u16(0))}`;
const TO = template`,"destination":"${ipv4(16)}","destinationPort":${above(u16(2))}`;
const IPV4 = template`${FROM}${TO}`;

/** The same with protocol and total length. */
const USUAL = template`${IPV4}${choice(9, 0xff, PROTOCOLS)},"length":${u16(2)}`;

/** Writes addresses, ports, protocol and length of an IPv4 packet that has all of them. */
export function usualEndpoints(line: LineWriter, { bytes, at, offset }: Layers): void {
  USUAL.write(line, bytes, at, offset);
}

/**
 * Writes addresses, ports and protocol of a packet, or of one that is quoted.
 *
 * @param wanted Bits of the fields to write.
 */
export function endpoints(line: LineWriter, layers: Layers, wanted: number): void {
  const { bytes, at, network, protocol } = layers;
  const ports = portsAt(layers);
  if (network === 4 && ports !== ABSENT && (wanted & ENDPOINTS) === ENDPOINTS) {
    IPV4.write(line, bytes, at, ports);
    line.word(protocolWord(protocol));
    return;
  }
  const hasPorts = ports !== ABSENT;
  if (network !== 0 && wanted & TOP.source) {
    line.word(SOURCE);
    if (network === ARP) arpAddress(line, bytes, at, bytes[at + 4]!);
    else address(line, layers, 12, 8);
    line.word(QUOTE);
  }
  if (hasPorts && wanted & TOP.sourcePort) {
    line.word(SOURCE_PORT);
    line.decimal16(bytes, ports);
  }
  if (network !== 0 && wanted & TOP.destination) {
    line.word(DESTINATION);
    if (network === ARP) arpAddress(line, bytes, at, 2 * bytes[at + 4]! + bytes[at + 5]!);
    else address(line, layers, 16, 24);
    line.word(QUOTE);
  }
  if (hasPorts && wanted & TOP.destinationPort) {
    line.word(DESTINATION_PORT);
    line.decimal16(bytes, ports + 2);
  }
  if (wanted & TOP.protocol) {
    if (network === ARP) line.word(ARP_PROTOCOL);
    else if (protocol !== ABSENT) line.word(protocolWord(protocol));
  }
}
