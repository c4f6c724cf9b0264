/** A packet as one readable line, made from its structured form. */

import { escapedWhere, jsonLine } from "../text/escape.ts";
import type { ArpHeader } from "./arp.ts";
import {
  type Figure,
  type TransportFacts,
  transportWords,
  type Word,
} from "./describe_transport.ts";
import type { IpHeader } from "./ip.ts";
import type { Facts } from "./structured.ts";

/** `ARPOP_*` (linux/if_arp.h) */
export const ARP_OPERATIONS: readonly (string | undefined)[] = [
  undefined,
  "request",
  "reply",
  "RARP request",
  "RARP reply",
];

/** Facts that a line has as they are. */
type Plain = Partial<
  Omit<Facts, keyof TransportFacts | "time" | "ip" | "arp" | "vlan" | "seq" | "physIn" | "physOut">
>;

/** The parts of the structured form that a line is made of. */
export interface LineFacts extends Plain, TransportFacts {
  /** Time. */
  readonly time: string;
  readonly ip?: Pick<IpHeader, "version" | "protocol" | "fragmentOffset"> | undefined;
  /** The ARP packet. */
  readonly arp?:
    | Pick<ArpHeader, "operation" | "senderAddress" | "targetAddress" | "senderHardwareAddress">
    | undefined;
  /** The VLAN tag that the device took off. */
  readonly vlan?: { readonly id: number } | undefined;
}

export type { Figure, Word };

/** Parts of a line; nothing in texts acts on a terminal, nor in words as {@linkcode wordText} writes them. */
export interface LineParts {
  /** Time: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** The hook's name, or `hook=` and its number. */
  hook: string | undefined;
  /** Interface that the packet came in by. */
  in: string | undefined;
  /** Interface that it leaves by. */
  out: string | undefined;
  /** The rule's prefix. */
  prefix: string | undefined;
  /** The kernel's figures. */
  marks: Figure[];
  /** The sender and its port. */
  source: string | undefined;
  /** The receiver and its port. */
  destination: string | undefined;
  /** Protocol and fields, length, and what is wrong with the packet. */
  contents: Word[];
}

/**
 * Returns a packet as one line: when, where, what the rule said, who to whom, what.
 * Nothing from the network reaches the line unescaped.
 *
 * @param facts The structured form, or facts of it.
 * @returns As in `2026-11-23T05:56:12.123456Z output out=eth0 "ping" uid=0
 * 192.0.2.1 > 198.51.100.1 ICMP echo request id=7 seq=1 length=84`.
 */
export function describe(facts: LineFacts): string {
  const parts = lineParts(facts);
  const { time, hook, prefix, source, destination } = parts;
  const words = [time];
  if (hook !== undefined) words.push(hook);
  if (parts.in !== undefined) words.push(`in=${parts.in}`);
  if (parts.out !== undefined) words.push(`out=${parts.out}`);
  if (prefix !== undefined) words.push(`"${prefix}"`);
  for (const word of parts.marks) words.push(wordText(word));
  if (source !== undefined && destination !== undefined) words.push(source, ">", destination);
  for (const word of parts.contents) words.push(wordText(word));
  return words.join(" ");
}

/** Returns a word as it stands in a line: nothing in it acts on a terminal. */
export function wordText(word: Word): string {
  return typeof word === "string" ? oneWord(word) : `${word[0]}=${oneWord(`${word[1]}`)}`;
}

/** Returns the parts of a line. */
export function lineParts(facts: LineFacts): LineParts {
  const { action, hook, prefix, in: inDev, out, mark, uid, gid, vlan } = facts;
  const marks: Figure[] = [];
  if (action !== undefined) marks.push(["action", action]);
  if (mark !== undefined) marks.push(["mark", `0x${mark.toString(16)}`]);
  if (uid !== undefined) marks.push(["uid", uid]);
  if (gid !== undefined) marks.push(["gid", gid]);
  if (vlan !== undefined) marks.push(["vlan", vlan.id]);
  return {
    time: oneWord(facts.time),
    hook: typeof hook === "number" ? `hook=${hook}` : hook && oneWord(hook),
    in: inDev === undefined ? undefined : oneWord(inDev),
    out: out === undefined ? undefined : oneWord(out),
    prefix: prefix && inQuotes(prefix),
    marks,
    source: endpoint(facts, facts.source, facts.sourcePort),
    destination: endpoint(facts, facts.destination, facts.destinationPort),
    contents: contents(facts),
  };
}

function endpoint({ ip }: LineFacts, address: string | undefined, port: number | undefined) {
  if (address === undefined) return undefined;
  const text = oneWord(address);
  if (port === undefined) return text;
  return ip?.version === 6 ? `[${text}]:${port}` : `${text}:${port}`;
}

function contents(facts: LineFacts): Word[] {
  const { ip, length, captured, defect } = facts;
  const words = ip === undefined ? notIp(facts) : transportWords(facts, ip.protocol);
  if (ip?.fragmentOffset) words.push(["fragment", ip.fragmentOffset]);
  if (length === undefined) words.push("no", "payload");
  else words.push(["length", length]);
  if (captured !== undefined) words.push(["captured", captured]);
  if (defect?.kind === "malformed") words.push(["malformed", defect.layer]);
  return words;
}

function notIp({ arp, etherType }: LineFacts): Word[] {
  if (arp !== undefined) {
    const { operation, senderHardwareAddress } = arp;
    const words = ARP_OPERATIONS[operation]?.split(" ") ?? [["operation", operation] as const];
    return ["ARP", ...words, ["from", senderHardwareAddress]];
  }
  return etherType === undefined
    ? []
    : [["ethertype", `0x${etherType.toString(16).padStart(4, "0")}`]];
}

/** Text that needs no escape in a word. */
const SAFE = /^[\w.:,+/-]*$/;

/** Escapes quotes, backslashes, and what acts on a terminal or reorders text, as JSON does. */
function inQuotes(text: string): string {
  return jsonLine(text).slice(1, -1);
}

/**
 * Escapes spaces, too, so that a name from a file is one word; names of Linux interfaces
 * have none.
 */
function oneWord(text: string): string {
  return SAFE.test(text) ? text : escapedWhere(inQuotes(text), /[\s\p{Z}]/gu);
}
