/**
 * Logs which names are looked up in the DNS, and by whom: a line for each question over
 * UDP. What is no proper question is kept as a packet, for a closer look.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter output udp dport 53 log group 1
 *     iptables -I OUTPUT -p udp --dport 53 -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/dns_queries.ts --logemu dns.log --pcap odd.pcap
 *
 * You see in dns.log, with a time and this host's name before it:
 *
 *     EVENT=dns SRC=127.0.0.1 UID=0 NAME=www.example.org. TYPE=28
 *
 * @module
 */

import type { Filter, Packet } from "nfscribe";

export default ((packet, context) => {
  const question = questionOf(dataOf(packet));
  if (question === undefined) return "pcap";
  const { source: SRC, uid: UID } = packet;
  context.emit("logemu", { EVENT: "dns", SRC, UID, NAME: question.name, TYPE: question.type });
  return undefined; // the line says it all
}) satisfies Filter;

/** Returns the bytes after the UDP header. */
function dataOf({ payload, ip, udp }: Packet): Uint8Array {
  if (payload === undefined || ip === undefined || udp === undefined) return new Uint8Array(0);
  return payload.subarray(ip.totalLength - udp.length + 8, ip.totalLength);
}

/** Bytes before the question (RFC 1035 section 4.1.1). */
const HEADER = 12;
/** Bytes of a name, at the most, and of a label (section 2.3.4). */
const NAME_MAX = 255;
const LABEL_MAX = 63;

/** Returns the one question of a query; undefined where the bytes are anything else. */
function questionOf(message: Uint8Array): { name: string; type: number } | undefined {
  const isQuery = message.length > HEADER && (message[2]! & 0x80) === 0;
  if (!isQuery || word(message, 4) !== 1) return undefined;
  let name = "";
  let at = HEADER;
  for (;;) {
    const length = message[at++];
    if (length === 0) break;
    // Above the longest label it would be a pointer, and a question needs none.
    if (length === undefined || length > LABEL_MAX || at + length > message.length) {
      return undefined;
    }
    for (const byte of message.subarray(at, at + length)) name += character(byte);
    name += ".";
    at += length;
  }
  if (at - HEADER > NAME_MAX || at + 4 > message.length) return undefined;
  return { name: name || ".", type: word(message, at) };
}

/** Returns a big-endian number of two bytes, which the caller has checked to be there. */
function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}

/**
 * Returns a byte of a label as text: a dot inside and what does not print as its number
 * (RFC 4343 section 2.1).
 */
function character(byte: number): string {
  const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
  return plain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
}
