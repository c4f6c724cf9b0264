/** Link and network headers of the structured form as JSON. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ahLength } from "../../packet/ah.ts";
import { ARP_HEADER } from "../../packet/arp.ts";
import { ETH_P_IP } from "../../packet/ether_types.ts";
import { IPV4_HEADER, IPV6_HEADER } from "../../packet/ip_sizes.ts";
import { isExtension } from "../../packet/ipv6_extension.ts";
import { ipv6PayloadLength } from "../../packet/jumbogram.ts";
import type { Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import { IPPROTO_AH, IPPROTO_FRAGMENT } from "../../packet/protocols.ts";
import { ITEMS_MAX } from "../../packet/structured.ts";
import { writeHex } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { headerOptions } from "./header_options.ts";

const QUOTE = new Word('"');
const END = new Word("}");
const LIST_END = new Word("]");
const IPV4_END = new Word('"}');

const ETHERNET = new Word(',"ethernet":{"destination":"');
const ETHERNET_SOURCE = new Word('","source":"');
const ETHERNET_TYPE = new Word('","etherType":');

const ARP_HARDWARE = new Word(',"arp":{"hardwareType":');
const ARP_PROTOCOL = new Word(',"protocolType":');
const ARP_OPERATION = new Word(',"operation":');
const ARP_SENDER_HARDWARE = new Word(',"senderHardwareAddress":"');
const ARP_SENDER = new Word('","senderAddress":"');
const ARP_TARGET_HARDWARE = new Word('","targetHardwareAddress":"');
const ARP_TARGET = new Word('","targetAddress":"');

const IDENTIFICATION = new Word(',"identification":');
const HOP_LIMIT = new Word(',"hopLimit":');
const SOURCE = new Word(',"source":"');
const DESTINATION = new Word('","destination":"');
const FLOW_LABEL = new Word(',"flowLabel":');
const PAYLOAD_LENGTH = new Word(',"payloadLength":');
const TOTAL_LENGTH = new Word(',"totalLength":');
const NEXT_HEADER = new Word(',"nextHeader":');
const PROTOCOL = new Word(',"protocol":');
const FRAGMENT_OFFSET = new Word('","fragmentOffset":');
const MORE = new Word(',"moreFragments":true');
const NO_MORE = new Word(',"moreFragments":false');
const UNFRAGMENTED = new Word('","fragmentOffset":0,"moreFragments":false');
const EXTENSIONS = new Word(',"extensions":[{"type":');
const NEXT_EXTENSION = new Word(',{"type":');
const DATA = new Word(',"data":');
const OPTIONS = new Word(',"options":[');

/** IPv4 up to the total length, by header length and type of service; made when they are seen. */
const IPV4: (Word | undefined)[] = Array(16 * 256).fill(undefined);
/** IPv6 up to the flow label, by traffic class. */
const IPV6: (Word | undefined)[] = Array(256).fill(undefined);
/** The protocols and the word before the checksum, where the header's own field is the same. */
const PROTOCOLS: (Word | undefined)[] = Array(256).fill(undefined);
const HEADER_PROTOCOL = new Word(',"headerProtocol":');
const CHECKSUM = new Word(',"checksum":');
/** The three flags, by their bits, and the word before the fragment's offset. */
const FLAGS = Array.from({ length: 8 }, (_, bits) => {
  const [reserved, dontFragment, moreFragments] = [4, 2, 1].map((bit) => (bits & bit) !== 0);
  const flags = JSON.stringify({ reserved, dontFragment, moreFragments }).slice(1, -1);
  return new Word(`,${flags},"fragmentOffset":`);
});

function service(trafficClass: number): string {
  return `"trafficClass":${trafficClass},"dscp":${trafficClass >> 2},"ecn":${trafficClass & 3}`;
}

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
  line.word(ETHERNET);
  line.hardware(bytes, at, 6);
  line.word(ETHERNET_SOURCE);
  line.hardware(bytes, at + 6, 6);
  line.word(ETHERNET_TYPE);
  line.decimal(readBe16(bytes, at + 12));
  line.word(END);
}

/** Writes an ARP packet. */
export function arp(line: LineWriter, { bytes, at }: Layers): void {
  line.word(ARP_HARDWARE);
  line.decimal(readBe16(bytes, at));
  line.word(ARP_PROTOCOL);
  line.decimal(readBe16(bytes, at + 2));
  line.word(ARP_OPERATION);
  line.decimal(readBe16(bytes, at + 6));
  const [hardware, protocol] = [bytes[at + 4]!, bytes[at + 5]!];
  line.word(ARP_SENDER_HARDWARE);
  line.hardware(bytes, at + ARP_HEADER, hardware);
  line.word(ARP_SENDER);
  arpAddress(line, bytes, at, hardware);
  line.word(ARP_TARGET_HARDWARE);
  line.hardware(bytes, at + ARP_HEADER + hardware + protocol, hardware);
  line.word(ARP_TARGET);
  arpAddress(line, bytes, at, 2 * hardware + protocol);
  line.word(IPV4_END);
}

/** Writes an address that ARP resolves, at an offset behind ARP's header. */
export function arpAddress(line: LineWriter, bytes: Uint8Array, at: number, offset: number): void {
  const start = at + ARP_HEADER + offset;
  if (readBe16(bytes, at + 2) === ETH_P_IP) line.ipv4(bytes, start);
  else line.hardware(bytes, start, bytes[at + 5]!);
}

/** Writes the IP header, if there is one. */
export function ip(line: LineWriter, layers: Layers): void {
  if (layers.network === 4) ipv4(line, layers);
  else if (layers.network === 6) ipv6(line, layers);
}

function ipv4(line: LineWriter, layers: Layers): void {
  const { bytes, at } = layers;
  const first = bytes[at]! & 0xf;
  const tos = bytes[at + 1]!;
  line.word(
    IPV4[first << 8 | tos] ??= new Word(
      `,"ip":{"version":4,"headerLength":${first * 4},${service(tos)},"totalLength":`,
    ),
  );
  line.decimal(readBe16(bytes, at + 2));
  line.word(IDENTIFICATION);
  line.decimal(readBe16(bytes, at + 4));
  const fragment = readBe16(bytes, at + 6);
  line.word(FLAGS[fragment >> 13]!);
  line.decimal((fragment & 0x1fff) * 8);
  line.word(HOP_LIMIT);
  line.small(bytes[at + 8]!);
  protocols(line, layers.protocol, bytes[at + 9]!);
  line.decimal(readBe16(bytes, at + 10));
  line.word(SOURCE);
  line.ipv4(bytes, at + 12);
  line.word(DESTINATION);
  line.ipv4(bytes, at + 16);
  line.word(QUOTE);
  if (first * 4 > IPV4_HEADER) {
    headerOptions(
      line,
      OPTIONS,
      bytes,
      at + IPV4_HEADER,
      Math.min(at + first * 4, layers.end),
    );
  }
  line.word(END);
}

function protocols(line: LineWriter, protocol: number, own: number): void {
  if (protocol === own) {
    line.word(
      PROTOCOLS[own] ??= new Word(`,"protocol":${own},"headerProtocol":${own},"checksum":`),
    );
    return;
  }
  line.word(PROTOCOL);
  line.small(protocol);
  line.word(HEADER_PROTOCOL);
  line.small(own);
  line.word(CHECKSUM);
}

function ipv6(line: LineWriter, layers: Layers): void {
  const { bytes, at } = layers;
  const trafficClass = readBe16(bytes, at) >> 4 & 0xff;
  line.word(
    IPV6[trafficClass] ??= new Word(
      `,"ip":{"version":6,${service(trafficClass)}`,
    ),
  );
  line.word(FLOW_LABEL);
  line.decimal(readBe32(bytes, at) & 0xfffff);
  line.word(PAYLOAD_LENGTH);
  line.decimal(readBe16(bytes, at + 4));
  line.word(TOTAL_LENGTH);
  line.decimal(IPV6_HEADER + ipv6PayloadLength(bytes, at, layers.end));
  line.word(NEXT_HEADER);
  line.small(bytes[at + 6]!);
  line.word(PROTOCOL);
  line.small(layers.protocol);
  line.word(HOP_LIMIT);
  line.small(bytes[at + 7]!);
  line.word(SOURCE);
  line.ipv6Canonical(bytes, at + 8);
  line.word(DESTINATION);
  line.ipv6Canonical(bytes, at + 24);
  if (layers.fragmentOffset === 0 && !layers.moreFragments) line.word(UNFRAGMENTED);
  else {
    line.word(FRAGMENT_OFFSET);
    line.decimal(layers.fragmentOffset);
    line.word(layers.moreFragments ? MORE : NO_MORE);
  }
  if (isExtension(bytes[at + 6]!)) extensions(line, layers);
  line.word(END);
}

/** Writes the identification of a fragment, and the extension headers. */
function extensions(line: LineWriter, layers: Layers): void {
  const { bytes } = layers;
  const end = Math.min(layers.offset, layers.end);
  const start = layers.at + IPV6_HEADER;
  const fragment = fragmentHeader(layers, start, end);
  if (fragment !== ABSENT) {
    line.word(IDENTIFICATION);
    line.decimal(readBe32(bytes, fragment + 4));
  }
  let type = bytes[layers.at + 6]!;
  let at = start;
  for (let n = 0; n < ITEMS_MAX && at + 8 <= end && isExtension(type); n++) {
    const length = extensionLength(bytes, at, type);
    line.word(n === 0 ? EXTENSIONS : NEXT_EXTENSION);
    line.small(type);
    line.word(NEXT_HEADER);
    line.small(bytes[at]!);
    line.word(DATA);
    writeHex(line, bytes, at, Math.min(at + length, end));
    line.word(END);
    type = bytes[at]!;
    at += length;
  }
  if (at > start) line.word(LIST_END);
}

/** Returns the offset of the first fragment header; ABSENT if there is none. */
function fragmentHeader({ bytes, at: header }: Layers, start: number, end: number): number {
  let type = bytes[header + 6]!;
  for (let at = start; at + 8 <= end && isExtension(type);) {
    if (type === IPPROTO_FRAGMENT) return at;
    const length = extensionLength(bytes, at, type);
    type = bytes[at]!;
    at += length;
  }
  return ABSENT;
}

function extensionLength(bytes: Uint8Array, at: number, type: number): number {
  if (type === IPPROTO_FRAGMENT) return 8;
  return type === IPPROTO_AH ? ahLength(bytes, at) : (bytes[at + 1]! + 1) * 8;
}

/** Writes the header of ARP or IP. */
export function networkHeader(line: LineWriter, layers: Layers): void {
  if (layers.network === ARP) arp(line, layers);
  else ip(line, layers);
}
