/** Expressions that choose a stored record, and those that belong to the same flow. */

import type { StructuredDirection, StructuredFlow } from "../../flow/structured.ts";
import type { StoredPacket } from "../../output/table/stored_packet.ts";
import { isExtension } from "../../packet/ipv6_extension.ts";
import { protocolNumber } from "./protocol.ts";

/** Words of protocols whose ports expressions know. */
const WITH_PORTS: ReadonlySet<string> = new Set(["tcp", "udp", "sctp"]);
/** Words of protocols. */
const WORDS: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  58: "icmp6",
  132: "sctp",
};

/** Both ends of a conversation. */
interface Ends {
  source: string;
  sourcePort?: number | undefined;
  destination: string;
  destinationPort?: number | undefined;
}

/** Returns an expression that chooses packets like this one: of the same rule, way and ends. */
export function packetExpression(packet: StoredPacket): string {
  const { prefix, hook, etherType } = packet;
  const ends = endsOf(packet);
  const terms = [
    ...prefix === undefined ? [] : [`prefix ${quotedText(prefix)}`],
    ...typeof hook === "string" ? [`hook ${hook}`] : [],
    ...packet.in === undefined ? [] : [`in ${quotedText(packet.in)}`],
    ...packet.out === undefined ? [] : [`out ${quotedText(packet.out)}`],
    ...protocolTerms(packet.protocol),
    ...ends === undefined ? [] : endTerms(ends, wordOf(packet.protocol)),
  ];
  if (terms.length > 0) return terms.join(" and ");
  return etherType === undefined ? "" : `ether proto 0x${etherType.toString(16).padStart(4, "0")}`;
}

/**
 * Returns an expression that chooses the packets of a packet's flow, both directions, in words that
 * tcpdump knows, too; undefined for packets without addresses.
 */
export function conversationExpression(packet: StoredPacket): string | undefined {
  const ends = endsOf(packet);
  return ends && conversation(packet.protocol, [ends, reversed(ends)]);
}

/** Returns an expression that chooses the flows that a packet belongs to, translated ones, too. */
export function flowsExpression(packet: StoredPacket): string | undefined {
  const ends = endsOf(packet);
  if (ends === undefined || packet.protocol === "ARP") return undefined;
  const both = [ends, reversed(ends)];
  return conversation(packet.protocol, both, ["original", "reply"]);
}

/** Returns an expression that chooses the records of a flow. */
export function flowExpression({ protocol, original }: StructuredFlow): string {
  return [...protocolTerms(protocol), ...endTerms(original, wordOf(protocol), "original")]
    .join(" and ");
}

/**
 * Returns an expression that chooses the packets of a flow, both directions, before and after
 * translation, in words that tcpdump knows, too.
 */
export function flowPacketsExpression({ protocol, original, reply }: StructuredFlow): string {
  const sides = reply === undefined ? [original] : [original, reply];
  return conversation(protocol, sides.flatMap((side) => [endsOfSide(side), reversed(side)]));
}

function endsOf(packet: StoredPacket): Ends | undefined {
  const { source, sourcePort, destination, destinationPort } = packet;
  if (source === undefined || destination === undefined) return undefined;
  return { source, sourcePort, destination, destinationPort };
}

function endsOfSide(side: StructuredDirection): Ends {
  const { source, sourcePort, destination, destinationPort } = side;
  return { source, sourcePort, destination, destinationPort };
}

function reversed({ source, sourcePort, destination, destinationPort }: Ends): Ends {
  return {
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
}

/** Returns an expression for any of several directions, each once. */
function conversation(
  protocol: string | number | undefined,
  directions: readonly Ends[],
  sides: readonly ("original" | "reply" | "")[] = [""],
): string {
  const word = wordOf(protocol);
  const ways = new Set(
    sides.flatMap((side) => directions.map((ends) => endTerms(ends, word, side).join(" and "))),
  );
  const any = ways.size === 1
    ? [...ways][0]!
    : `(${[...ways].map((way) => `(${way})`).join(" or ")})`;
  return [...protocolTerms(protocol), any].join(" and ");
}

/** Returns the terms of both ends. */
function endTerms(ends: Ends, word: string | undefined, side = ""): string[] {
  const { source, sourcePort, destination, destinationPort } = ends;
  const of = side === "" ? "" : `${side} `;
  const port = (direction: string, number: number | undefined) =>
    number === undefined || word === undefined || !WITH_PORTS.has(word)
      ? []
      : [`${of}${direction} port ${number}`];
  return [
    `${of}src host ${source}`,
    ...port("src", sourcePort),
    `${of}dst host ${destination}`,
    ...port("dst", destinationPort),
  ];
}

/** Returns the term of a protocol; none where it is unknown. */
function protocolTerms(protocol: string | number | undefined): string[] {
  if (protocol === "ARP") return ["arp"];
  const number = protocolNumber(protocol);
  // A packet that was torn in its extension headers has the number of the next one.
  if (number === undefined || isExtension(number)) return [];
  return [WORDS[number] ?? `proto ${number}`];
}

function wordOf(protocol: string | number | undefined): string | undefined {
  return WORDS[protocolNumber(protocol) ?? -1];
}

/**
 * Writes a text of the network as a pattern that only it matches: in quotes, wildcards kept as
 * characters. Characters that do not fit in a line become `?`, which stands for any.
 */
export function quotedText(text: string): string {
  const pattern = text.replaceAll(/["\\*?]/g, "\\$&")
    .replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "?");
  return `"${pattern}"`;
}
