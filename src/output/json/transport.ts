/** Headers above IP, of the structured form, as JSON; those of ICMP are in `icmp.ts`. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ahLength } from "../../packet/ah.ts";
import { dccpLength } from "../../packet/dccp.ts";
import { type Layers, UNSTATED } from "../../packet/layers.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../packet/protocols.ts";
import { SCTP_HEADER } from "../../packet/sctp.ts";
import { ITEMS_MAX } from "../../packet/structured.ts";
import { TCP_FLAGS, TCP_HEADER, tcpLength } from "../../packet/tcp.ts";
import { UDP_HEADER, udpExtent } from "../../packet/udp.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { choice, ipv4, template, u16, u32, u8 } from "../../text/template.ts";
import { headerOptions } from "./header_options.ts";
import { isPlainIpv4, plainIpv4 } from "./ip.ts";
import { WORD_LENGTHS } from "./named.ts";
import { membersWord } from "./printer.ts";

const PORTS = template`"sourcePort":${u16(0)},"destinationPort":${u16(2)}`;

/** TCP flags and their names. */
const FLAGS = Array.from({ length: 256 }, (_, flags) => {
  const names = TCP_FLAGS.filter(([, bit]) => flags & bit).map(([name]) => name).join(",");
  return membersWord({ flags, flagNames: names || "none" });
});
const SEQUENCES = template`"sequenceNumber":${u32(4)},"acknowledgmentNumber":${u32(8)}`;
const TCP_START = template`,"tcp":{${PORTS},${SEQUENCES}${choice(13, 0xff, FLAGS)},"window":${
  u16(14)
},"headerLength":`;
const TCP_END = template`,"checksum":${u16(16)},"urgentPointer":${u16(18)}`;
const TCP = template`${TCP_START}${choice(12, 0xf0, WORD_LENGTHS)}${TCP_END}`;
/** A header without options. */
const PLAIN_TCP = template`${TCP_START}20${TCP_END},"sackPermitted":false}`;
/** The same behind a plain IPv4 header. */
const IPV4_TCP = template`${plainIpv4(IPPROTO_TCP)}${TCP.above()}`;
const IPV4_PLAIN_TCP = template`${plainIpv4(IPPROTO_TCP)}${PLAIN_TCP.above()}`;
const OPTIONS = new Word(',"options":[');
const MSS = new Word(',"mss":');
const WINDOW_SCALE = new Word(',"windowScale":');
const SACK = new Word(',"sackPermitted":true');
const NO_SACK = new Word(',"sackPermitted":false');
const TIMESTAMPS = template`,"timestamps":{"value":${u32(0)},"echoReply":${u32(4)}}`;

const UDP = template`,"udp":{${PORTS},"length":${u16(4)},"checksum":${u16(6)}}`;
const IPV4_UDP = template`${plainIpv4(IPPROTO_UDP)}${UDP.above()}`;
const UDPLITE = template`,"udplite":{${PORTS},"checksumCoverage":${u16(4)},"checksum":${u16(6)}}`;

const SCTP = template`,"sctp":{${PORTS},"verificationTag":${u32(4)},"checksum":${u32(8)}`;
const CHUNK = template`"type":${u8(0)},"flags":${u8(1)},"length":${u16(2)}`;
const FIRST_CHUNK = template`,"chunks":[{${CHUNK}}`;
const NEXT_CHUNK = template`,{${CHUNK}}`;

const DCCP = template`,"dccp":{${PORTS},"headerLength":`;
const TYPE = new Word(',"type":');
const SEQUENCE = new Word(',"sequenceNumber":');

const AH = template`,"ah":{"nextHeader":${u8(0)},"length":`;
const AH_END = template`,"spi":${u32(4)},"sequenceNumber":${u32(8)}}`;
const ESP = template`,"esp":{"spi":${u32(0)},"sequenceNumber":${u32(4)}}`;

const GRE = template`,"gre":{"flags":${u16(0)},"version":`;
const GRE_PROTOCOL = template`,"protocol":${u16(2)}`;
const CHECKSUM = new Word(',"checksum":');
const KEY = new Word(',"key":');

const IGMP = template`,"igmp":{"type":${u8(0)},"version":`;
const IGMP_CODE = template`,"maxResponseCode":${u8(1)},"checksum":${u16(2)}`;
const GROUP = template`,"group":"${ipv4(4)}"`;

const END = new Word("}");
const LIST_END = new Word("]");

/**
 * Returns whether a packet has the headers that most have, without a defect: IPv4 without options,
 * and UDP or TCP.
 */
export function isUsual(layers: Layers): boolean {
  const { bytes, offset: at, end, stated, protocol } = layers;
  if (!isPlainIpv4(layers)) return false;
  if (protocol === IPPROTO_UDP) {
    const extent = udpExtent(bytes, at);
    return at + UDP_HEADER <= end && extent >= UDP_HEADER && at + extent <= stated;
  }
  if (protocol !== IPPROTO_TCP || at + TCP_HEADER > end) return false;
  const length = tcpLength(bytes, at);
  return length >= TCP_HEADER && at + length <= end;
}

/** Writes the headers of a packet that {@linkcode isUsual}. */
export function usual(line: LineWriter, { bytes, at: ip, offset: at, protocol }: Layers): void {
  if (protocol === IPPROTO_UDP) {
    IPV4_UDP.write(line, bytes, ip, at);
    return;
  }
  const length = tcpLength(bytes, at);
  if (length === TCP_HEADER) {
    IPV4_PLAIN_TCP.write(line, bytes, ip, at);
    return;
  }
  IPV4_TCP.write(line, bytes, ip, at);
  tcpOptions(line, bytes, at + TCP_HEADER, at + length);
  line.word(END);
}

/** Writes a TCP header of which at least 20 bytes were captured. */
export function tcp(line: LineWriter, { bytes, end }: Layers, at: number): void {
  const length = tcpLength(bytes, at);
  if (length === TCP_HEADER) {
    PLAIN_TCP.write(line, bytes, at);
    return;
  }
  TCP.write(line, bytes, at);
  tcpOptions(line, bytes, at + TCP_HEADER, Math.min(at + length, end));
  line.word(END);
}

function tcpOptions(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  headerOptions(line, OPTIONS, bytes, at, end);
  const mss = findOption(bytes, at, end, 2, 4);
  if (mss !== ABSENT) {
    line.word(MSS);
    line.decimal16(bytes, mss);
  }
  const scale = findOption(bytes, at, end, 3, 3);
  if (scale !== ABSENT) {
    line.word(WINDOW_SCALE);
    line.small(bytes[scale]!);
  }
  line.word(findOption(bytes, at, end, 4, 2) === ABSENT ? NO_SACK : SACK);
  const stamps = findOption(bytes, at, end, 8, 10);
  if (stamps !== ABSENT) TIMESTAMPS.write(line, bytes, stamps);
}

/**
 * Returns the offset of the value of the first option of a kind and length, as `packet/tcp.ts`
 * finds it; ABSENT if there is none.
 */
function findOption(
  bytes: Uint8Array,
  start: number,
  end: number,
  kind: number,
  size: number,
): number {
  for (let at = start; at < end && bytes[at] !== 0;) {
    if (bytes[at] === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) break;
    if (bytes[at] === kind && length === size) return at + 2;
    at += length;
  }
  return ABSENT;
}

/** Writes a UDP header. */
export function udp(line: LineWriter, { bytes }: Layers, at: number): void {
  UDP.write(line, bytes, at);
}

/** Writes a UDP-Lite header. */
export function udplite(line: LineWriter, { bytes }: Layers, at: number): void {
  UDPLITE.write(line, bytes, at);
}

/** Writes an SCTP common header and its chunks. */
export function sctp(line: LineWriter, { bytes, end }: Layers, header: number): void {
  SCTP.write(line, bytes, header);
  let written = 0;
  for (let at = header + SCTP_HEADER; at + 4 <= end && written < ITEMS_MAX; written++) {
    (written === 0 ? FIRST_CHUNK : NEXT_CHUNK).write(line, bytes, at);
    const length = readBe16(bytes, at + 2);
    at = length < 4 ? end : at + (length + 3 & ~3);
  }
  if (written > 0) line.word(LIST_END);
  line.word(END);
}

/** Writes a DCCP generic header. */
export function dccp(line: LineWriter, { bytes }: Layers, at: number): void {
  DCCP.write(line, bytes, at);
  line.decimal(dccpLength(bytes, at));
  line.word(TYPE);
  line.small(bytes[at + 8]! >> 1 & 0xf);
  line.word(SEQUENCE);
  // The X flag: 48 bits.
  if (bytes[at + 8]! & 1) {
    line.decimal(readBe16(bytes, at + 10) * 2 ** 32 + readBe32(bytes, at + 12));
  } else line.decimal(readBe32(bytes, at + 8) & 0xffffff);
  line.word(END);
}

/** Writes the outermost authentication header, if there is one. */
export function ah(line: LineWriter, { bytes, ah: at }: Layers): void {
  if (at === ABSENT) return;
  AH.write(line, bytes, at);
  line.decimal(ahLength(bytes, at));
  AH_END.write(line, bytes, at);
}

/** Writes the readable part of ESP. */
export function esp(line: LineWriter, { bytes }: Layers, at: number): void {
  ESP.write(line, bytes, at);
}

/** Writes a GRE header (RFC 2784, RFC 2890). */
export function gre(line: LineWriter, { bytes }: Layers, start: number): void {
  const flags = readBe16(bytes, start);
  GRE.write(line, bytes, start);
  line.small(flags & 7);
  GRE_PROTOCOL.write(line, bytes, start);
  let at = start + 4;
  if (flags & 0x8000) {
    line.word(CHECKSUM);
    line.decimal16(bytes, at);
  }
  if (flags & 0xc000) at += 4;
  if (flags & 0x2000) {
    line.word(KEY);
    line.decimal32(bytes, at);
    at += 4;
  }
  if (flags & 0x1000) {
    line.word(SEQUENCE);
    line.decimal32(bytes, at);
  }
  line.word(END);
}

/** Writes an IGMP message. */
export function igmp(line: LineWriter, layers: Layers, at: number): void {
  const { bytes } = layers;
  const type = bytes[at]!;
  IGMP.write(line, bytes, at);
  line.small(igmpVersion(layers, at, type));
  IGMP_CODE.write(line, bytes, at);
  // A report of version 3 has several groups.
  if (type !== 0x22) GROUP.write(line, bytes, at);
  line.word(END);
}

/** Returns the version that defines a message (RFC 3376 section 7.1), as `packet/igmp.ts` does. */
function igmpVersion({ bytes, end, stated }: Layers, at: number, type: number): number {
  if (type === 0x22) return 3;
  if (type === 0x12) return 1;
  if (type !== 0x11) return 2;
  const length = Math.max(end, stated === UNSTATED ? 0 : stated) - at;
  if (length >= 12) return 3;
  return bytes[at + 1] === 0 ? 1 : 2;
}
