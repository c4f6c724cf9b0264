/** IP headers of the structured form as JSON. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ahLength } from "../../packet/ah.ts";
import { IPV4_HEADER, IPV6_HEADER } from "../../packet/ip_sizes.ts";
import { isExtension } from "../../packet/ipv6_extension.ts";
import { ipv6PayloadLength } from "../../packet/jumbogram.ts";
import type { Layers } from "../../packet/layers.ts";
import { IPPROTO_AH, IPPROTO_FRAGMENT } from "../../packet/protocols.ts";
import { ITEMS_MAX } from "../../packet/structured.ts";
import { writeHex } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { choice, type Field, ipv4, type Template, template, u16, u8 } from "../../text/template.ts";
import { headerOptions } from "./header_options.ts";
import { WORD_LENGTHS } from "./named.ts";
import { membersWord } from "./printer.ts";

const END = new Word("}");
const LIST_END = new Word("]");

/** Type of Service or Traffic Class, and its parts. */
const SERVICES = Array.from({ length: 256 }, (_, trafficClass) => {
  return membersWord({ trafficClass, dscp: trafficClass >> 2, ecn: trafficClass & 3 });
});
const FLAGS = Array.from({ length: 8 }, (_, bits) => {
  const [reserved, dontFragment, moreFragments] = [4, 2, 1].map((bit) => (bits & bit) !== 0);
  return membersWord({ reserved, dontFragment, moreFragments });
});

const IPV4_START = template`,"ip":{"version":4,"headerLength":`;
const LENGTH = template`${choice(1, 0xff, SERVICES)},"totalLength":${u16(2)}`;
const FRAGMENT = template`"identification":${u16(4)}${choice(6, 0xe0, FLAGS)},"fragmentOffset":`;
const IPV4_LENGTHS = template`${IPV4_START}${choice(0, 0x0f, WORD_LENGTHS)}${LENGTH},${FRAGMENT}`;
const IPV4_MIDDLE = template`,"hopLimit":${u8(8)},"protocol":`;
const IPV4_ADDRESSES = template`"source":"${ipv4(12)}","destination":"${ipv4(16)}"`;
const IPV4_END = template`,"checksum":${u16(10)},${IPV4_ADDRESSES}`;
const IPV4_REST = template`,"headerProtocol":${u8(9)}${IPV4_END}`;

/**
 * Returns the template of a header without options, of no fragment.
 *
 * @param protocol The protocol that follows it.
 */
export function plainIpv4(protocol: number | Field): Template {
  const protocols = template`${protocol},"headerProtocol":${protocol}`;
  return template`${IPV4_START}20${LENGTH},${FRAGMENT}0${IPV4_MIDDLE}${protocols}${IPV4_END}}`;
}

const PLAIN_IPV4 = plainIpv4(u8(9));
const OPTIONS = new Word(',"options":[');

const IPV6_START = new Word(',"ip":{"version":6');
const FLOW_LABEL = new Word(',"flowLabel":');
const IPV6_LENGTH = template`,"payloadLength":${u16(4)},"totalLength":`;
const IPV6_NEXT = template`,"nextHeader":${u8(6)},"protocol":`;
const IPV6_SOURCE = template`,"hopLimit":${u8(7)},"source":"`;
const IPV6_DESTINATION = new Word('","destination":"');
const FRAGMENT_OFFSET = new Word('","fragmentOffset":');
const MORE = new Word(',"moreFragments":true');
const NO_MORE = new Word(',"moreFragments":false');
const IDENTIFICATION = new Word(',"identification":');
const EXTENSIONS = new Word(',"extensions":[{"type":');
const NEXT_EXTENSION = new Word(',{"type":');
const NEXT_HEADER = new Word(',"nextHeader":');
const DATA = new Word(',"data":');

/** Writes the IP header, if there is one. */
export function ip(line: LineWriter, layers: Layers): void {
  if (layers.network === 4) version4(line, layers);
  else if (layers.network === 6) version6(line, layers);
}

/** Returns whether it is an IPv4 header without options, of no fragment, before none of AH. */
export function isPlainIpv4({ network, at, offset, fragmentOffset }: Layers): boolean {
  return network === 4 && offset === at + IPV4_HEADER && fragmentOffset === 0;
}

function version4(line: LineWriter, layers: Layers): void {
  const { bytes, at, protocol } = layers;
  if (isPlainIpv4(layers)) {
    PLAIN_IPV4.write(line, bytes, at);
    return;
  }
  const length = (bytes[at]! & 0xf) * 4;
  const fragment = (readBe16(bytes, at + 6) & 0x1fff) * 8;
  IPV4_LENGTHS.write(line, bytes, at);
  line.decimal(fragment);
  IPV4_MIDDLE.write(line, bytes, at);
  line.small(protocol);
  IPV4_REST.write(line, bytes, at);
  headerOptions(line, OPTIONS, bytes, at + IPV4_HEADER, Math.min(at + length, layers.end));
  line.word(END);
}

function version6(line: LineWriter, layers: Layers): void {
  const { bytes, at } = layers;
  line.word(IPV6_START);
  line.word(SERVICES[readBe16(bytes, at) >> 4 & 0xff]!);
  line.word(FLOW_LABEL);
  line.decimal(readBe32(bytes, at) & 0xfffff);
  IPV6_LENGTH.write(line, bytes, at);
  line.decimal(IPV6_HEADER + ipv6PayloadLength(bytes, at, layers.end));
  IPV6_NEXT.write(line, bytes, at);
  line.small(layers.protocol);
  IPV6_SOURCE.write(line, bytes, at);
  line.ipv6Canonical(bytes, at + 8);
  line.word(IPV6_DESTINATION);
  line.ipv6Canonical(bytes, at + 24);
  line.word(FRAGMENT_OFFSET);
  line.decimal(layers.fragmentOffset);
  line.word(layers.moreFragments ? MORE : NO_MORE);
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
    line.decimal32(bytes, fragment + 4);
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
