/** Makes primitives of pcap-filter(7) from a name or a number and its qualifiers. */

import { parseAddress, prefixMask } from "../parse_address.ts";
import { quoted, suggestion } from "./error.ts";
import type { Token } from "./lexer.ts";
import { numberValue } from "./number.ts";
import {
  ETHER_TYPES,
  FURTHER_ETHER_TYPES,
  isNetwork,
  ISO_PROTOCOLS,
  LLC_ADDRESSES,
  PROTOCOL_NAMES,
  WITH_PORTS,
} from "./protocols.ts";
import { type PacketQualifiers, spelled } from "./qualifiers.ts";
import { SERVICES } from "./services.ts";
import type { Condition, NetworkName, Side } from "./syntax.ts";
import type { Tokens } from "./tokens.ts";
import { LINK_WORDS, USEFUL_WORDS } from "./words.ts";

const PORT_MAX = 65_535;
const ALL_ONES = 0xffff_ffff;
const ADDRESS = "an address such as 192.0.2.1 or 2001:db8::1";

/**
 * Parses the rest of a primitive.
 *
 * @param tokens Tokens after the name or number.
 * @param token The name or number.
 */
export function parseId(
  tokens: Tokens,
  token: Token,
  qualifiers: PacketQualifiers,
): Condition {
  switch (qualifiers.what) {
    case "port":
    case "portrange":
      return parsePort(tokens, token, qualifiers);
    case "proto":
      return parseProtocol(tokens, token, qualifiers);
    case "protochain": {
      const network = versionOf(tokens, token, qualifiers);
      return { kind: "protochain", ...network, protocol: protocolNumber(tokens, token) };
    }
    default:
      return parseHost(tokens, token, qualifiers);
  }
}

function parseHost(tokens: Tokens, token: Token, qualifiers: PacketQualifiers): Condition {
  const { protocol, direction, what } = qualifiers;
  const isLink = protocol !== undefined && LINK_WORDS.has(protocol);
  if (token.kind === "mac") {
    if (what === "net") throw tokens.error(token, `"net" needs ${ADDRESS}, not a link address`);
    if (!isLink) {
      throw tokens.error(
        token,
        `a link address needs "ether" before it, as in "ether host ${token.text}"`,
      );
    }
    return { kind: "mac", direction, bytes: macBytes(token.text) };
  }
  if (isLink) {
    throw tokens.error(token, `"${protocol}" needs a link address such as 02:00:5e:10:00:01`);
  }
  const found = token.kind === "ipv6"
    ? parseIpv6(tokens, token, qualifiers)
    : token.kind === "ipv4"
    ? parseIpv4(tokens, token, qualifiers)
    : token.kind === "number"
    ? wordAddress(token.value, what === "net")
    : undefined;
  if (found === undefined) {
    const near = suggestion(token.text, what === undefined ? USEFUL_WORDS : []);
    throw tokens.error(
      token,
      `${
        quoted(token.text)
      } is not ${ADDRESS}; names of hosts and networks are never looked up${near}`,
    );
  }
  const network = networkOf(tokens, token, qualifiers, found.words.length === 4);
  return { kind: "address", ...network, direction, ...found, ...sideOf(qualifiers) };
}

/** Returns the versions of IP, or ARP, that an address may belong to. */
function networkOf(
  tokens: Tokens,
  token: Token,
  qualifiers: PacketQualifiers,
  isIpv6: boolean,
): { network?: NetworkName } {
  const { protocol } = qualifiers;
  if (protocol === undefined) return {};
  if (isNetwork(protocol)) {
    if ((protocol === "ip6") === isIpv6) return { network: protocol };
    throw tokens.error(token, `"${protocol}" has no IPv${isIpv6 ? 6 : 4} addresses`);
  }
  const rest = spelled(qualifiers.direction, qualifiers.what ?? "host");
  throw tokens.error(
    token,
    `"${protocol}" has no addresses; join both, as in "${protocol} and ${rest} ${token.text}"`,
  );
}

/** Returns an address and its mask; a number that is a network is its first bytes. */
function wordAddress(value: number, isNet: boolean): { words: number[]; mask: number[] } {
  let [word, mask] = [value, ALL_ONES];
  while (isNet && word !== 0 && word < 0x0100_0000) {
    word = word * 256;
    mask = (mask << 8) >>> 0;
  }
  return { words: [word >>> 0], mask: [mask] };
}

function parseIpv4(
  tokens: Tokens,
  token: Token,
  qualifiers: PacketQualifiers,
): { words: number[]; mask: number[] } {
  const [word, bits] = ipv4Word(tokens, token);
  let mask = prefixMask(bits) >>> 0;
  let end = token;
  if (tokens.isSymbol("/")) {
    tokens.take();
    end = tokens.expectNumber("the length of a network's prefix", 32);
    mask = prefixMask(end.value) >>> 0;
  } else if (tokens.isWord("mask")) {
    tokens.take();
    end = tokens.take();
    if (end.kind !== "ipv4") throw tokens.error(end, `"mask" needs a mask such as 255.255.0.0`);
    mask = ipv4Word(tokens, end)[0];
  } else {
    return { words: [word], mask: [mask] };
  }
  const span = { start: token.start, end: end.end };
  if (qualifiers.what !== "net") {
    throw tokens.error(span, `a network needs "net" before it`);
  }
  if ((word & ~mask) !== 0) {
    throw tokens.error(span, "bits behind the network's prefix are set; write its first address");
  }
  return { words: [word], mask: [mask] };
}

/** Returns an address of up to four numbers, and how many bits they are. */
function ipv4Word(tokens: Tokens, token: Token): [word: number, bits: number] {
  const parts = token.text.split(".");
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    throw tokens.error(
      token,
      `${quoted(token.text)} is not an IPv4 address: its numbers are 0 to 255`,
    );
  }
  const bits = parts.length * 8;
  const word = parts.reduce((sum, part) => sum * 256 + Number(part), 0) * 2 ** (32 - bits);
  return [word, bits];
}

function parseIpv6(
  tokens: Tokens,
  token: Token,
  { what }: PacketQualifiers,
): { words: number[]; mask: number[] } {
  const words = [...parseAddress(token.text)!];
  if (!tokens.isSymbol("/")) return { words, mask: words.map(() => ALL_ONES) };
  tokens.take();
  const prefix = tokens.expectNumber("the length of a network's prefix", 128);
  const span = { start: token.start, end: prefix.end };
  const mask = words.map((_, n) => prefixMask(prefix.value - n * 32) >>> 0);
  if (what !== "net") throw tokens.error(span, `a network needs "net" before it`);
  if (words.some((word, n) => (word & ~mask[n]!) !== 0)) {
    throw tokens.error(span, "bits behind the network's prefix are set; write its first address");
  }
  return { words, mask };
}

function macBytes(text: string): number[] {
  const parts = text.split(/[:.-]/);
  const digits = parts.length === 6
    ? parts.map((part) => part.padStart(2, "0")).join("")
    : parts.join("");
  return [...Uint8Array.fromHex(digits)];
}

function parsePort(tokens: Tokens, token: Token, qualifiers: PacketQualifiers): Condition {
  const { protocol, direction, what } = qualifiers;
  if (protocol !== undefined && WITH_PORTS[protocol] === undefined) {
    throw tokens.error(token, `"${protocol}" has no ports; tcp, udp and sctp have`);
  }
  const parts = what === "portrange" && token.kind !== "number"
    ? token.text.split("-")
    : [token.text];
  if (parts.length > 2 || (what === "portrange" && token.kind === "word" && parts.length === 1)) {
    throw tokens.error(token, `"portrange" needs two ports, as in 8000-8100`);
  }
  const ports = parts.map((part) => portOf(tokens, token, part));
  const numbers = ports.map(({ port }) => port);
  const wanted = protocol === undefined ? undefined : [WITH_PORTS[protocol]!];
  const first = ports[0]!.protocols;
  const named = ports.every(({ protocols }) => protocols.join() === first.join())
    ? first
    : ALL_WITH_PORTS;
  const protocols = wanted ?? named;
  if (wanted !== undefined && !named.includes(wanted[0]!)) {
    const other = Object.keys(WITH_PORTS).find((name) => named.includes(WITH_PORTS[name]!));
    throw tokens.error(token, `${quoted(token.text)} is a port of ${other}, not of ${protocol}`);
  }
  return {
    kind: "port",
    protocols,
    direction,
    first: Math.min(...numbers),
    last: Math.max(...numbers),
    ...sideOf(qualifiers),
  };
}

const ALL_WITH_PORTS: readonly number[] = Object.values(WITH_PORTS);

function portOf(
  tokens: Tokens,
  token: Token,
  text: string,
): { port: number; protocols: readonly number[] } {
  if (/^(0[xX][\da-fA-F]+|\d+)$/.test(text)) {
    const port = numberValue(text);
    if (typeof port === "string") throw tokens.error(token, `${quoted(text)} ${port}`);
    if (port > PORT_MAX) {
      throw tokens.error(token, `${quoted(text)} is above ${PORT_MAX}, the last port`);
    }
    return { port, protocols: ALL_WITH_PORTS };
  }
  const service = SERVICES.get(text);
  if (service !== undefined) return service;
  throw tokens.error(
    token,
    `${quoted(text)} is not a port or the name of one that nfscribe knows${
      suggestion(text, SERVICES.keys())
    }`,
  );
}

function parseProtocol(tokens: Tokens, token: Token, qualifiers: PacketQualifiers): Condition {
  const { protocol } = qualifiers;
  if (protocol !== undefined && LINK_WORDS.has(protocol)) return etherType(tokens, token);
  if (protocol === "iso") {
    return { kind: "iso", protocol: numberOf(tokens, token, ISO_PROTOCOLS, 255) };
  }
  if (protocol === "isis") {
    return { kind: "iso", protocol: ISO_PROTOCOLS.isis!, types: [numberOf(tokens, token, {}, 31)] };
  }
  const network = versionOf(tokens, token, qualifiers);
  return { kind: "protocol", ...network, protocol: protocolNumber(tokens, token) };
}

function etherType(tokens: Tokens, token: Token): Condition {
  const names = { ...ETHER_TYPES, ...LLC_ADDRESSES, ...FURTHER_ETHER_TYPES };
  return { kind: "etherType", type: numberOf(tokens, token, names, 0xffff) };
}

function versionOf(
  tokens: Tokens,
  token: Token,
  { protocol, what }: PacketQualifiers,
): { network?: "ip" | "ip6" } {
  if (protocol === undefined) return {};
  if (protocol === "ip" || protocol === "ip6") return { network: protocol };
  throw tokens.error(
    token,
    `"${protocol} ${what}" has no meaning; ip, ip6 and ether have protocols`,
  );
}

/** Returns an IP protocol number; words of protocols are names here. */
function protocolNumber(tokens: Tokens, token: Token): number {
  return numberOf(tokens, token, PROTOCOL_NAMES, 255);
}

function numberOf(
  tokens: Tokens,
  token: Token,
  names: Readonly<Record<string, number>>,
  most: number,
): number {
  const { kind, text, value } = token;
  if (kind === "number") {
    if (value <= most) return value;
    throw tokens.error(token, `${quoted(text)} is above ${most}, the last protocol number`);
  }
  if (Object.hasOwn(names, text)) return names[text]!;
  throw tokens.error(
    token,
    `${quoted(text)} is not a protocol's number or a name of one that nfscribe knows${
      suggestion(text, Object.keys(names))
    }`,
  );
}

function sideOf({ side }: PacketQualifiers): { side?: Side } {
  return side === undefined ? {} : { side };
}
