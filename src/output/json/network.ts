/** Headers of Ethernet and ARP, and network addresses, of the structured form as JSON. */

import { readBe16 } from "../../bytes/memory.ts";
import { ARP_HEADER } from "../../packet/arp.ts";
import { ETH_P_IP } from "../../packet/ether_types.ts";
import type { Layers } from "../../packet/layers.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { mac, template, u16 } from "../../text/template.ts";

const ADDRESSES = template`"destination":"${mac(0)}","source":"${mac(6)}"`;
const ETHERNET = template`,"ethernet":{${ADDRESSES},"etherType":${u16(12)}}`;

const TYPES = template`"hardwareType":${u16(0)},"protocolType":${u16(2)}`;
const ARP = template`,"arp":{${TYPES},"operation":${u16(6)},"senderHardwareAddress":"`;
const ARP_SENDER = new Word('","senderAddress":"');
const ARP_TARGET_HARDWARE = new Word('","targetHardwareAddress":"');
const ARP_TARGET = new Word('","targetAddress":"');
const ARP_END = new Word('"}');

/** Writes an address in quotes' middle, of either version of IP. */
export function address(
  line: LineWriter,
  { bytes, at, network }: Layers,
  inIpv4: number,
  inIpv6: number,
): void {
  if (network === 4) line.ipv4(bytes, at + inIpv4);
  else line.ipv6Canonical(bytes, at + inIpv6);
}

/** Writes an Ethernet header. */
export function ethernet(line: LineWriter, bytes: Uint8Array, at: number): void {
  ETHERNET.write(line, bytes, at);
}

/** Writes an ARP packet. */
export function arp(line: LineWriter, { bytes, at }: Layers): void {
  ARP.write(line, bytes, at);
  const [hardware, protocol] = [bytes[at + 4]!, bytes[at + 5]!];
  line.hardware(bytes, at + ARP_HEADER, hardware);
  line.word(ARP_SENDER);
  arpAddress(line, bytes, at, hardware);
  line.word(ARP_TARGET_HARDWARE);
  line.hardware(bytes, at + ARP_HEADER + hardware + protocol, hardware);
  line.word(ARP_TARGET);
  arpAddress(line, bytes, at, 2 * hardware + protocol);
  line.word(ARP_END);
}

/** Writes an address that ARP resolves, at an offset behind ARP's header. */
export function arpAddress(line: LineWriter, bytes: Uint8Array, at: number, offset: number): void {
  const start = at + ARP_HEADER + offset;
  if (readBe16(bytes, at + 2) === ETH_P_IP) line.ipv4(bytes, start);
  else line.hardware(bytes, start, bytes[at + 5]!);
}
