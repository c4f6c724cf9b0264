/** Output that ulogd and the kernel share: words as bytes, and the fields of a header. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ascii, type LineWriter, Word } from "../../text/line.ts";
import { choice, type Field, ipv4, Template, template, u16, u8 } from "../../text/template.ts";
import { IPV6_HEADER, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG } from "./protocols.ts";

export const SPACE: Uint8Array = ascii(" ");
export const IN: Uint8Array = ascii("IN=");
export const OUT: Uint8Array = ascii(" OUT=");
export const SRC: Uint8Array = ascii("SRC=");
export const DST: Uint8Array = ascii(" DST=");
const LEN = ascii(" LEN=");
export const FRAG: Uint8Array = ascii("FRAG:");
export const PROTO: Uint8Array = ascii("PROTO=");
export const PROTO_TCP: Uint8Array = ascii("PROTO=TCP ");
export const PROTO_UDP: Uint8Array = ascii("PROTO=UDP ");
export const PROTO_ICMP: Uint8Array = ascii("PROTO=ICMP ");
export const PROTO_ICMPV6: Uint8Array = ascii("PROTO=ICMPv6 ");
export const PROTO_ESP: Uint8Array = ascii("PROTO=ESP ");
export const PROTO_AH: Uint8Array = ascii("PROTO=AH ");
export const SPT: Uint8Array = ascii("SPT=");
export const DPT: Uint8Array = ascii(" DPT=");
const SEQ = ascii(" SEQ=");
export const TYPE: Uint8Array = ascii("TYPE=");
export const CODE: Uint8Array = ascii(" CODE=");
const ECHO_ID = ascii("ID=");
export const PARAMETER: Uint8Array = ascii("PARAMETER=");
export const GATEWAY: Uint8Array = ascii("GATEWAY=");
export const MTU: Uint8Array = ascii("MTU=");
const TC = ascii(" TC=");
const HOPLIMIT = ascii(" HOPLIMIT=");
const FLOWLBL = ascii(" FLOWLBL=");
export const MARK: Uint8Array = ascii("MARK=0x");

/** A bit of a byte, and its word. */
export type Flag = readonly [bit: number, word: string];

/** TCP flags in the order of the line. */
export const TCP_FLAGS: readonly Flag[] = [
  [TCP_URG, "URG "],
  [TCP_ACK, "ACK "],
  [TCP_PSH, "PSH "],
  [TCP_RST, "RST "],
  [TCP_SYN, "SYN "],
  [TCP_FIN, "FIN "],
];

/** Returns the words of flags that are set in a byte. */
export function flags(offset: number, all: readonly Flag[]): Field {
  const mask = all.reduce((bits, [bit]) => bits | bit, 0);
  const lowest = mask & -mask;
  const words = Array.from({ length: mask / lowest + 1 }, (_, value) => {
    const set = all.filter(([bit]) => value * lowest & bit);
    return new Word(set.map(([, word]) => word).join(""));
  });
  return choice(offset, mask, words);
}

const SERVICES = Array.from({ length: 256 }, (_, tos) => {
  const digits = (bits: number) => bits.toString(16).toUpperCase().padStart(2, "0");
  return new Word(`${digits(tos & 0x1e)} PREC=0x${digits(tos & 0xe0)}`);
});
const FRAGMENT_FLAGS: readonly Flag[] = [[0x40, "DF "], [0x20, "MF "]];
const CE: Flag = [0x80, "CE "];
const FLAGS = template`${flags(6, [CE, ...FRAGMENT_FLAGS])}`;
/** Flags as ulogd 1 prints them: it reads CE in the wrong field. */
const ULOGD1_FLAGS = template`${flags(4, [CE])}${flags(6, FRAGMENT_FLAGS)}`;

/** Returns `SRC=… DST=… LEN=… TOS=… PREC=0x… TTL=… ID=… CE DF MF `. */
function ipv4Template(tos: string, flags: Template): Template {
  const addresses = template`SRC=${ipv4(12)} DST=${ipv4(16)} LEN=${u16(2)}`;
  const service = new Template([` TOS=${tos}`, ""], [choice(1, 0xff, SERVICES)]);
  return template`${addresses}${service} TTL=${u8(8)} ID=${u16(4)} ${flags}`;
}

/** IPv4 headers, by dialect. */
export const IPV4 = {
  ulogd1: ipv4Template("", ULOGD1_FLAGS),
  ulogd2: ipv4Template("", FLAGS),
  kernel: ipv4Template("0x", FLAGS),
} as const;

/** Writes `ID=7 SEQ=9 ` of an ICMP or ICMPv6 echo. */
export function echo(line: LineWriter, bytes: Uint8Array, at: number): void {
  line.text(ECHO_ID);
  line.decimal(readBe16(bytes, at + 4));
  line.number(SEQ, readBe16(bytes, at + 6));
}

/**
 * Writes `SRC=… DST=… LEN=… TOS=… PREC=0x… TTL=… ID=… CE DF MF FRAG:… `.
 *
 * @param header The header in a dialect.
 */
export function ipv4Header(
  line: LineWriter,
  bytes: Uint8Array,
  at: number,
  header: Template,
): void {
  header.write(line, bytes, at);
  const offset = readBe16(bytes, at + 6) & 0x1fff;
  if (offset !== 0) line.number(FRAG, offset);
}

/** Writes ` LEN=… TC=… HOPLIMIT=… FLOWLBL=… `: the part after an IPv6 header's addresses. */
export function ipv6Header(line: LineWriter, bytes: Uint8Array, at: number): void {
  line.text(LEN);
  line.decimal(readBe16(bytes, at + 4) + IPV6_HEADER);
  line.text(TC);
  line.decimal(readBe16(bytes, at) >> 4 & 0xff);
  line.text(HOPLIMIT);
  line.decimal(bytes[at + 7]!);
  line.number(FLOWLBL, readBe32(bytes, at) & 0xfffff);
}
