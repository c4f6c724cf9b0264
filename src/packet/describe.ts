/**
 * A packet as one readable line.
 *
 * @module
 */

import { hookName } from "./hook_name.ts";
import { transportWords } from "./describe_transport.ts";
import type { PacketFacts } from "./packet_facts.ts";

/** `ARPOP_*` (linux/if_arp.h) */
const ARP_OPERATIONS: readonly (string | undefined)[] = [
  undefined,
  "request",
  "reply",
  "RARP request",
  "RARP reply",
];

/** The last moment that `Date` can tell, in milliseconds since the Unix epoch. */
const LAST_DATE_MS = 8.64e15;

/**
 * A packet as one line: when, where, what the rule said, who to whom, what.
 * Nothing from the network reaches the line unescaped.
 *
 * @param packet The packet.
 * @returns As in `2026-11-23T05:56:12.123456Z output out=eth0 "ping" uid=0
 * 192.0.2.1 > 198.51.100.1 ICMP echo request id=7 seq=1 length=84`.
 */
export function describe(packet: PacketFacts): string {
  const { family, hook, inDev, outDev, prefix, mark, uid, gid, vlan } = packet;
  const words = [timeText(packet.time)];
  if (hook !== undefined) words.push(hookName(family, hook) ?? `hook=${hook}`);
  if (inDev !== undefined) words.push(`in=${escapedWord(String(inDev))}`);
  if (outDev !== undefined) words.push(`out=${escapedWord(String(outDev))}`);
  if (prefix) words.push(`"${escaped(prefix)}"`);
  if (mark !== undefined) words.push(`mark=0x${mark.toString(16)}`);
  if (uid !== undefined) words.push(`uid=${uid}`);
  if (gid !== undefined) words.push(`gid=${gid}`);
  if (vlan !== undefined) words.push(`vlan=${vlan.id}`);
  words.push(...contents(packet));
  return words.join(" ");
}

/** Who to whom, what, how long. */
function contents(packet: PacketFacts): string[] {
  const { ip, payload, originalLength, defect } = packet;
  const words = ip === undefined ? notIp(packet) : [
    endpoint(ip.version, ip.source, packet.sourcePort),
    ">",
    endpoint(ip.version, ip.destination, packet.destinationPort),
    ...transportWords(packet, ip.protocol),
  ];
  if (ip?.fragmentOffset) words.push(`fragment=${ip.fragmentOffset}`);
  if (payload === undefined || originalLength === undefined) return [...words, "no payload"];
  words.push(`length=${originalLength}`);
  if (payload.length < originalLength) words.push(`captured=${payload.length}`);
  if (defect?.kind === "malformed") words.push(`malformed=${defect.layer}`);
  return words;
}

function notIp({ arp, hwProtocol }: PacketFacts): string[] {
  if (arp !== undefined) {
    const { operation, senderAddress, targetAddress, senderHardwareAddress } = arp;
    const what = ARP_OPERATIONS[operation] ?? `operation=${operation}`;
    return [senderAddress, ">", targetAddress, "ARP", what, `from=${senderHardwareAddress}`];
  }
  return hwProtocol === undefined
    ? []
    : [`ethertype=0x${hwProtocol.toString(16).padStart(4, "0")}`];
}

function endpoint(version: 4 | 6, address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return version === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}

/** RFC 3339, in UTC, with microseconds. */
function timeText(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  if (milliseconds > LAST_DATE_MS) return `${microseconds}us`;
  const text = new Date(milliseconds).toISOString();
  return `${text.slice(0, -1)}${String(microseconds % 1000).padStart(3, "0")}Z`;
}

/** Quotes, backslashes and what could steer a terminal or turn its text around, as JSON writes them. */
function escaped(text: string): string {
  return escapeAll(JSON.stringify(text).slice(1, -1), /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu);
}

/** The same, and spaces, so that a name from a file is one word; names of Linux interfaces have none. */
function escapedWord(text: string): string {
  return escapeAll(escaped(text), /[\s\p{Z}]/gu);
}

function escapeAll(text: string, characters: RegExp): string {
  return text.replace(
    characters,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
