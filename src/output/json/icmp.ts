/** ICMP and ICMPv6 of the structured form as JSON. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import type { Layers } from "../../packet/layers.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { ipv4, template, u16, u32, u8 } from "../../text/template.ts";
import { neighbourOptions } from "./header_options.ts";

const HEADER = template`"type":${u8(0)},"code":${u8(1)},"checksum":${u16(2)}`;
const ICMP = template`,"icmp":{${HEADER}`;
const ICMPV6 = template`,"icmpv6":{${HEADER}`;
const REQUEST = new Word(',"echo":"request"');
const REPLY = new Word(',"echo":"reply"');
const QUERY = template`,"identifier":${u16(4)},"sequenceNumber":${u16(6)}`;
const EXTENDED_QUERY = template`,"identifier":${u16(4)},"sequenceNumber":${u8(6)}`;
const GATEWAY = template`,"gateway":"${ipv4(4)}"`;
const TARGET = new Word(',"target":"');
const REDIRECT = new Word(',"redirectDestination":"');
const GROUP = new Word(',"group":"');
const QUOTE = new Word('"');
const MTU = new Word(',"mtu":');
const POINTER = new Word(',"pointer":');
const OPTIONS = new Word(',"options":[');
const REST = template`,"restOfHeader":${u32(4)}`;
const END = new Word("}");

/** Writes the packet that an error quotes, from `at` to `end`, of an IP version. */
export type Quote = (
  line: LineWriter,
  bytes: Uint8Array,
  at: number,
  end: number,
  version: 4 | 6,
) => void;

function number(line: LineWriter, word: Word, value: number): void {
  line.word(word);
  line.decimal(value);
}

/** Writes an ICMP message, as `packet/icmp.ts` decodes it, and by `quote` what it quotes. */
export function icmp(line: LineWriter, layers: Layers, at: number, quote: Quote): void {
  const { bytes, end } = layers;
  const type = bytes[at]!;
  ICMP.write(line, bytes, at);
  if (type === 8) line.word(REQUEST);
  else if (type === 0) line.word(REPLY);
  const isExtended = type === 42 || type === 43;
  if (type === 8 || type === 0 || type >= 13 && type <= 18 || isExtended) {
    (isExtended ? EXTENDED_QUERY : QUERY).write(line, bytes, at);
  }
  if (type === 5) GATEWAY.write(line, bytes, at);
  if (type === 3 && bytes[at + 1] === 4) number(line, MTU, readBe16(bytes, at + 6));
  if (type === 12) number(line, POINTER, bytes[at + 4]!);
  REST.write(line, bytes, at);
  const isError = type >= 3 && type <= 5 || type === 11 || type === 12;
  if (isError && at + 8 < end) {
    // RFC 4884: the length of the quoted packet in units of 4 bytes, if extensions follow.
    const quoted = type === 3 || type >= 11 ? bytes[at + 5]! * 4 : 0;
    quote(line, bytes, at + 8, quoted === 0 ? end : Math.min(end, at + 8 + quoted), 4);
  }
  line.word(END);
}

/** Writes an ICMPv6 message, as `packet/icmpv6.ts` decodes it, and by `quote` what it quotes. */
export function icmpv6(line: LineWriter, layers: Layers, at: number, quote: Quote): void {
  const { bytes, end } = layers;
  const type = bytes[at]!;
  ICMPV6.write(line, bytes, at);
  if (type === 128) line.word(REQUEST);
  else if (type === 129) line.word(REPLY);
  const isExtended = type === 160 || type === 161;
  if (type === 128 || type === 129 || isExtended) {
    (isExtended ? EXTENDED_QUERY : QUERY).write(line, bytes, at);
  }
  if (type === 2) number(line, MTU, readBe32(bytes, at + 4));
  if (type === 4) number(line, POINTER, readBe32(bytes, at + 4));
  if (type >= 130 && type <= 137) discovery(line, bytes, at, end, type);
  REST.write(line, bytes, at);
  if (type >= 1 && type <= 4 && at + 8 < end) {
    // RFC 4884: in units of 8 bytes.
    const quoted = type === 1 || type === 3 ? bytes[at + 4]! * 8 : 0;
    quote(line, bytes, at + 8, quoted === 0 ? end : Math.min(end, at + 8 + quoted), 6);
  }
  line.word(END);
}

/** Offsets of the options of neighbour discovery, by type from 133 on (RFC 4861 section 4). */
const OPTIONS_AT = [8, 16, 24, 24, 40];

/** Writes the addresses and options of neighbour and listener discovery. */
function discovery(
  line: LineWriter,
  bytes: Uint8Array,
  at: number,
  end: number,
  type: number,
): void {
  if (type >= 135) address(line, TARGET, bytes, at + 8, end);
  if (type === 137) address(line, REDIRECT, bytes, at + 24, end);
  if (type <= 132) address(line, GROUP, bytes, at + 8, end);
  else neighbourOptions(line, OPTIONS, bytes, at + OPTIONS_AT[type - 133]!, end);
}

function address(line: LineWriter, key: Word, bytes: Uint8Array, at: number, end: number): void {
  if (at + 16 > end) return;
  line.word(key);
  line.ipv6Canonical(bytes, at);
  line.word(QUOTE);
}
