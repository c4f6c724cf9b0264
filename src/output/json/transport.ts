/** Headers above IP, of the structured form, as JSON; those of ICMP are in `icmp.ts`. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ahLength } from "../../packet/ah.ts";
import { dccpLength } from "../../packet/dccp.ts";
import { type Layers, UNSTATED } from "../../packet/layers.ts";
import { SCTP_HEADER } from "../../packet/sctp.ts";
import { ITEMS_MAX } from "../../packet/structured.ts";
import { TCP_FLAGS, TCP_HEADER, tcpLength } from "../../packet/tcp.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { headerOptions } from "./header_options.ts";

const TCP = new Word(',"tcp":{"sourcePort":');
const UDP = new Word(',"udp":{"sourcePort":');
const UDPLITE = new Word(',"udplite":{"sourcePort":');
const SCTP = new Word(',"sctp":{"sourcePort":');
const DCCP = new Word(',"dccp":{"sourcePort":');
const DESTINATION_PORT = new Word(',"destinationPort":');
const SEQUENCE = new Word(',"sequenceNumber":');
const ACKNOWLEDGMENT = new Word(',"acknowledgmentNumber":');
const HEADER_LENGTH = new Word(',"headerLength":');
const CHECKSUM = new Word(',"checksum":');
const URGENT = new Word(',"urgentPointer":');
const OPTIONS = new Word(',"options":[');
const MSS = new Word(',"mss":');
const WINDOW_SCALE = new Word(',"windowScale":');
const SACK = new Word(',"sackPermitted":true');
const NO_SACK = new Word(',"sackPermitted":false');
const TIMESTAMPS = new Word(',"timestamps":{"value":');
const ECHO_REPLY = new Word(',"echoReply":');
const LENGTH = new Word(',"length":');
const COVERAGE = new Word(',"checksumCoverage":');
const TAG = new Word(',"verificationTag":');
const CHUNKS = new Word(',"chunks":[{"type":');
const NEXT_CHUNK = new Word('},{"type":');
const FLAGS = new Word(',"flags":');
const CHUNKS_END = new Word("}]");
const TYPE = new Word(',"type":');
const AH = new Word(',"ah":{"nextHeader":');
const SPI = new Word(',"spi":');
const ESP = new Word(',"esp":{"spi":');
const GRE = new Word(',"gre":{"flags":');
const VERSION = new Word(',"version":');
const PROTOCOL = new Word(',"protocol":');
const KEY = new Word(',"key":');
const IGMP = new Word(',"igmp":{"type":');
const RESPONSE = new Word(',"maxResponseCode":');
const GROUP = new Word(',"group":"');
const QUOTE = new Word('"');
const END = new Word("}");

/** TCP flags, and the word before the window, by the flags; made when they are seen. */
const TCP_FLAG_WORDS: (Word | undefined)[] = Array(256).fill(undefined);

function flagsWord(flags: number): Word {
  const names = TCP_FLAGS.filter(([, bit]) => flags & bit).map(([name]) => name).join(",");
  return new Word(`,"flags":${flags},"flagNames":"${names || "none"}","window":`);
}

/** Writes a header's name and its two ports. */
function ports(line: LineWriter, name: Word, bytes: Uint8Array, at: number): void {
  line.word(name);
  line.decimal(readBe16(bytes, at));
  line.word(DESTINATION_PORT);
  line.decimal(readBe16(bytes, at + 2));
}

/** Writes a TCP header of which at least 20 bytes were captured. */
export function tcp(line: LineWriter, { bytes, end }: Layers, at: number): void {
  ports(line, TCP, bytes, at);
  line.word(SEQUENCE);
  line.decimal(readBe32(bytes, at + 4));
  line.word(ACKNOWLEDGMENT);
  line.decimal(readBe32(bytes, at + 8));
  const flags = bytes[at + 13]!;
  line.word(TCP_FLAG_WORDS[flags] ??= flagsWord(flags));
  line.decimal(readBe16(bytes, at + 14));
  const length = tcpLength(bytes, at);
  line.word(HEADER_LENGTH);
  line.small(length);
  line.word(CHECKSUM);
  line.decimal(readBe16(bytes, at + 16));
  line.word(URGENT);
  line.decimal(readBe16(bytes, at + 18));
  if (length > TCP_HEADER) tcpOptions(line, bytes, at + TCP_HEADER, Math.min(at + length, end));
  else line.word(NO_SACK);
  line.word(END);
}

function tcpOptions(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  headerOptions(line, OPTIONS, bytes, at, end);
  const mss = findOption(bytes, at, end, 2, 4);
  if (mss !== ABSENT) {
    line.word(MSS);
    line.decimal(readBe16(bytes, mss));
  }
  const scale = findOption(bytes, at, end, 3, 3);
  if (scale !== ABSENT) {
    line.word(WINDOW_SCALE);
    line.small(bytes[scale]!);
  }
  line.word(findOption(bytes, at, end, 4, 2) === ABSENT ? NO_SACK : SACK);
  const stamps = findOption(bytes, at, end, 8, 10);
  if (stamps !== ABSENT) {
    line.word(TIMESTAMPS);
    line.decimal(readBe32(bytes, stamps));
    line.word(ECHO_REPLY);
    line.decimal(readBe32(bytes, stamps + 4));
    line.word(END);
  }
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
  ports(line, UDP, bytes, at);
  line.word(LENGTH);
  line.decimal(readBe16(bytes, at + 4));
  line.word(CHECKSUM);
  line.decimal(readBe16(bytes, at + 6));
  line.word(END);
}

/** Writes a UDP-Lite header. */
export function udplite(line: LineWriter, { bytes }: Layers, at: number): void {
  ports(line, UDPLITE, bytes, at);
  line.word(COVERAGE);
  line.decimal(readBe16(bytes, at + 4));
  line.word(CHECKSUM);
  line.decimal(readBe16(bytes, at + 6));
  line.word(END);
}

/** Writes an SCTP common header and its chunks. */
export function sctp(line: LineWriter, { bytes, end }: Layers, header: number): void {
  ports(line, SCTP, bytes, header);
  line.word(TAG);
  line.decimal(readBe32(bytes, header + 4));
  line.word(CHECKSUM);
  line.decimal(readBe32(bytes, header + 8));
  let written = 0;
  for (let at = header + SCTP_HEADER; at + 4 <= end && written < ITEMS_MAX; written++) {
    const length = readBe16(bytes, at + 2);
    line.word(written === 0 ? CHUNKS : NEXT_CHUNK);
    line.small(bytes[at]!);
    line.word(FLAGS);
    line.small(bytes[at + 1]!);
    line.word(LENGTH);
    line.decimal(length);
    at = length < 4 ? end : at + (length + 3 & ~3);
  }
  if (written > 0) line.word(CHUNKS_END);
  line.word(END);
}

/** Writes a DCCP generic header. */
export function dccp(line: LineWriter, { bytes }: Layers, at: number): void {
  ports(line, DCCP, bytes, at);
  line.word(HEADER_LENGTH);
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
  line.word(AH);
  line.small(bytes[at]!);
  line.word(LENGTH);
  line.decimal(ahLength(bytes, at));
  line.word(SPI);
  line.decimal(readBe32(bytes, at + 4));
  line.word(SEQUENCE);
  line.decimal(readBe32(bytes, at + 8));
  line.word(END);
}

/** Writes the readable part of ESP. */
export function esp(line: LineWriter, { bytes }: Layers, at: number): void {
  line.word(ESP);
  line.decimal(readBe32(bytes, at));
  line.word(SEQUENCE);
  line.decimal(readBe32(bytes, at + 4));
  line.word(END);
}

/** Writes a GRE header (RFC 2784, RFC 2890). */
export function gre(line: LineWriter, { bytes }: Layers, start: number): void {
  const flags = readBe16(bytes, start);
  line.word(GRE);
  line.decimal(flags);
  line.word(VERSION);
  line.small(flags & 7);
  line.word(PROTOCOL);
  line.decimal(readBe16(bytes, start + 2));
  let at = start + 4;
  if (flags & 0x8000) {
    line.word(CHECKSUM);
    line.decimal(readBe16(bytes, at));
  }
  if (flags & 0xc000) at += 4;
  if (flags & 0x2000) {
    line.word(KEY);
    line.decimal(readBe32(bytes, at));
    at += 4;
  }
  if (flags & 0x1000) {
    line.word(SEQUENCE);
    line.decimal(readBe32(bytes, at));
  }
  line.word(END);
}

/** Writes an IGMP message. */
export function igmp(line: LineWriter, layers: Layers, at: number): void {
  const { bytes } = layers;
  const type = bytes[at]!;
  line.word(IGMP);
  line.small(type);
  line.word(VERSION);
  line.small(igmpVersion(layers, at, type));
  line.word(RESPONSE);
  line.small(bytes[at + 1]!);
  line.word(CHECKSUM);
  line.decimal(readBe16(bytes, at + 2));
  // A report of version 3 has several groups.
  if (type !== 0x22) {
    line.word(GROUP);
    line.ipv4(bytes, at + 4);
    line.word(QUOTE);
  }
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
