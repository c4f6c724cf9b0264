/** Output that ulogd and the kernel share: words as bytes, and the fields of a header. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import { IPV6_HEADER, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG } from "./protocols.ts";

export const SPACE: Uint8Array = ascii(" ");
export const IN: Uint8Array = ascii("IN=");
export const OUT: Uint8Array = ascii(" OUT=");
export const SRC: Uint8Array = ascii("SRC=");
export const DST: Uint8Array = ascii(" DST=");
export const LEN: Uint8Array = ascii("LEN=");
export const SPACE_LEN: Uint8Array = ascii(" LEN=");
const PREC = ascii(" PREC=0x");
const TTL = ascii(" TTL=");
const ID = ascii(" ID=");
const CE = ascii("CE ");
const DF = ascii("DF ");
const MF = ascii("MF ");
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
export const SEQ: Uint8Array = ascii(" SEQ=");
export const URGP: Uint8Array = ascii("URGP=");
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

/** TCP flags in the order of the line, each with its word. */
export const TCP_FLAGS: readonly (readonly [flag: number, word: Uint8Array])[] = [
  [TCP_URG, ascii("URG ")],
  [TCP_ACK, ascii("ACK ")],
  [TCP_PSH, ascii("PSH ")],
  [TCP_RST, ascii("RST ")],
  [TCP_SYN, ascii("SYN ")],
  [TCP_FIN, ascii("FIN ")],
];

/** Writes `ID=7 SEQ=9 ` of an ICMP or ICMPv6 echo. */
export function echo(line: LineWriter, bytes: Uint8Array, at: number): void {
  line.text(ECHO_ID);
  line.decimal(readBe16(bytes, at + 4));
  line.number(SEQ, readBe16(bytes, at + 6));
}

/**
 * Writes `SRC=… DST=… LEN=… TOS=… PREC=0x… TTL=… ID=… CE DF MF FRAG:… `.
 *
 * @param tos The word before the type of service, in which the two differ.
 * @param ce The field whose highest bit is printed as CE.
 */
export function ipv4Header(
  line: LineWriter,
  bytes: Uint8Array,
  at: number,
  tos: Uint8Array,
  ce: number,
): void {
  line.text(SRC);
  line.ipv4(bytes, at + 12);
  line.text(DST);
  line.ipv4(bytes, at + 16);
  line.text(SPACE_LEN);
  line.decimal(readBe16(bytes, at + 2));
  line.text(tos);
  line.hexUpper(bytes[at + 1]! & 0x1e);
  line.text(PREC);
  line.hexUpper(bytes[at + 1]! & 0xe0);
  line.text(TTL);
  line.decimal(bytes[at + 8]!);
  line.number(ID, readBe16(bytes, at + 4));
  const fragment = readBe16(bytes, at + 6);
  if (ce & 0x8000) line.text(CE);
  if (fragment & 0x4000) line.text(DF);
  if (fragment & 0x2000) line.text(MF);
  if (fragment & 0x1fff) line.number(FRAG, fragment & 0x1fff);
}

/** Writes ` LEN=… TC=… HOPLIMIT=… FLOWLBL=… `: the part after an IPv6 header's addresses. */
export function ipv6Header(line: LineWriter, bytes: Uint8Array, at: number): void {
  line.text(SPACE_LEN);
  line.decimal(readBe16(bytes, at + 4) + IPV6_HEADER);
  line.text(TC);
  line.decimal(readBe16(bytes, at) >> 4 & 0xff);
  line.text(HOPLIMIT);
  line.decimal(bytes[at + 7]!);
  line.number(FLOWLBL, readBe32(bytes, at) & 0xfffff);
}
