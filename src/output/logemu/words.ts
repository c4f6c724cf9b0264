/**
 * The words that ulogd and the kernel share, as bytes.
 *
 * @module
 */

import { readBe16 } from "../../packet/memory.ts";
import { ascii, type LineWriter } from "./line.ts";
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG } from "./protocols.ts";

export const SPACE: Uint8Array = ascii(" ");
export const IN: Uint8Array = ascii("IN=");
export const OUT: Uint8Array = ascii(" OUT=");
export const SRC: Uint8Array = ascii("SRC=");
export const DST: Uint8Array = ascii(" DST=");
export const LEN: Uint8Array = ascii("LEN=");
export const SPACE_LEN: Uint8Array = ascii(" LEN=");
export const PREC: Uint8Array = ascii(" PREC=0x");
export const TTL: Uint8Array = ascii(" TTL=");
export const ID: Uint8Array = ascii(" ID=");
export const CE: Uint8Array = ascii("CE ");
export const DF: Uint8Array = ascii("DF ");
export const MF: Uint8Array = ascii("MF ");
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
export const ECHO_ID: Uint8Array = ascii("ID=");
export const PARAMETER: Uint8Array = ascii("PARAMETER=");
export const GATEWAY: Uint8Array = ascii("GATEWAY=");
export const MTU: Uint8Array = ascii("MTU=");
export const TC: Uint8Array = ascii(" TC=");
export const HOPLIMIT: Uint8Array = ascii(" HOPLIMIT=");
export const FLOWLBL: Uint8Array = ascii(" FLOWLBL=");
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

/** `ID=7 SEQ=9 `, of an ICMP or ICMPv6 echo. */
export function echo(line: LineWriter, bytes: Uint8Array, at: number): void {
  line.text(ECHO_ID);
  line.decimal(readBe16(bytes, at + 4));
  line.number(SEQ, readBe16(bytes, at + 6));
}
