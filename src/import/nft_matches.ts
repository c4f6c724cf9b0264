/** Converts matches of iptables and ebtables to nft: nft(8), iptables-extensions(8). */

import { addressesOf, portsOf, set } from "./addresses.ts";
import { icmpType, protocolName, rateOf } from "./names.ts";
import type { Match, Program, Rule } from "./rule.ts";
import { EXPANSION } from "./words.ts";

/** Matches of a rule for nft. */
export interface NftMatches {
  /** Expressions before the rule's statements. */
  expressions: string[];
  /** Comment of the rule, if it has one. */
  comment?: string;
  /** Matches that must be translated by hand. */
  byHand: string[];
}

/** Context of a match. */
interface Surroundings {
  program: Program;
  /** Protocol of `-p` for nft; absent if it matches all. */
  protocol?: string;
  /** All matches of the rule, for those that depend on others. */
  all: readonly Match[];
}

/**
 * Converts a match; returns the empty text if it matches all packets, undefined if nft has no such
 * match.
 */
type Translator = (
  match: Match,
  value: string,
  surroundings: Surroundings,
) => string | undefined;

/** Built-in matches of iptables, which it evaluates before those of modules, in its order. */
const BUILT_IN = [
  "source",
  "destination",
  "in-interface",
  "out-interface",
  "protocol",
  "fragment",
];

const TRANSLATORS: Readonly<Record<string, Translator>> = {
  "source": (match, value, { program }) => address(match, value, program, "saddr"),
  "destination": (match, value, { program }) => address(match, value, program, "daddr"),
  "in-interface": (match, value) => device("iifname", match, value),
  "out-interface": (match, value) => device("oifname", match, value),
  "logical-in": (match, value) => device("meta ibrname", match, value),
  "logical-out": (match, value) => device("meta obrname", match, value),
  "protocol": protocol,
  "fragment": (match) => `ip frag-off & 0x1fff ${match.negated ? "==" : "!="} 0`,
  "source-port": (match, value, { protocol }) => ports("sport", match, value, protocol),
  "source-ports": (match, value, { protocol }) => ports("sport", match, value, protocol),
  "destination-port": (match, value, { protocol }) => ports("dport", match, value, protocol),
  "destination-ports": (match, value, { protocol }) => ports("dport", match, value, protocol),
  "ctstate": connectionState,
  "state": connectionState,
  "limit": limit,
  // Part of the limit.
  "limit-burst": (_, value, { all }) =>
    all.some(({ option }) => option === "limit") ? "" : `limit rate 3/hour burst ${value} packets`,
  "mark": (match, value) => match.module === "mark" ? mark(match, value) : undefined,
  "uid-owner": (match, value) => `meta skuid ${not(match)}${value}`,
  "gid-owner": (match, value) => `meta skgid ${not(match)}${value}`,
  "icmp-type": (match, value) => icmp(match, value, "icmp"),
  "icmpv6-type": (match, value) => icmp(match, value, "icmpv6"),
  "tcp-flags": (match, mask) => tcpFlags(match, mask, match.values[1] ?? ""),
  "syn": (match) => tcpFlags(match, "FIN,SYN,RST,ACK", "SYN"),
  "mac-source": (match, value) => `ether saddr ${not(match)}${value.toLowerCase()}`,
  "pkt-type": (match, value) =>
    `meta pkttype ${not(match)}${value === "unicast" ? "host" : value.toLowerCase()}`,
  "src-type": (match, value) => addressType("saddr", match, value),
  "dst-type": (match, value) => addressType("daddr", match, value),
  "src-range": (match, value, { program }) => `${header(program)} saddr ${not(match)}${value}`,
  "dst-range": (match, value, { program }) => `${header(program)} daddr ${not(match)}${value}`,
  "ip-source": (match, value) => ipAddress(match, value, "ip saddr"),
  "ip-destination": (match, value) => ipAddress(match, value, "ip daddr"),
  "ip-protocol": (match, value) => `ip protocol ${not(match)}${protocolName(value) ?? value}`,
  "ip-source-port": (match, value, { all }) => ports("sport", match, value, ipProtocol(all)),
  "ip-destination-port": (match, value, { all }) => ports("dport", match, value, ipProtocol(all)),
};

/** Converts a rule's matches. */
export function nftMatches(rule: Rule): NftMatches {
  const { program, matches } = rule;
  const named = matches.find(({ option, negated }) => option === "protocol" && !negated);
  const surroundings: Surroundings = { program, all: matches };
  const name = named === undefined ? undefined : protocolName(named.values[0] ?? "");
  if (name !== undefined) surroundings.protocol = name;
  const result: NftMatches = { expressions: [], byHand: [...rule.unknown] };
  for (const match of inOrder(matches)) {
    if (match.option === "comment") result.comment = match.values[0] ?? "";
    else {
      const expression = translated(match, surroundings);
      if (expression === undefined) result.byHand.push(`--${match.option}`);
      else if (expression !== "") result.expressions.push(expression);
    }
  }
  return result;
}

/** Sorts the built-in matches first: a limit counts only packets that they match. */
function inOrder(matches: readonly Match[]): Match[] {
  const place = ({ option }: Match) => (BUILT_IN.indexOf(option) + 100) % 100;
  return matches.toSorted((a, b) => place(a) - place(b));
}

function translated(match: Match, surroundings: Surroundings): string | undefined {
  return TRANSLATORS[match.option]?.(match, match.values[0] ?? "", surroundings);
}

function not({ negated }: Match): string {
  return negated ? "!= " : "";
}

function header(program: Program): "ip" | "ip6" {
  return program === "ip6tables" ? "ip6" : "ip";
}

function address(match: Match, value: string, program: Program, field: string): string | undefined {
  if (program !== "ebtables") return ipAddress(match, value, `${header(program)} ${field}`);
  // Masks and words such as Unicast have no short form.
  return /^[\da-f:]+$/i.test(value) || value.includes(EXPANSION)
    ? `ether ${field} ${not(match)}${value.toLowerCase()}`
    : undefined;
}

function ipAddress(match: Match, value: string, field: string): string | undefined {
  const addresses = addressesOf(value);
  if (addresses === "") return match.negated ? undefined : "";
  return addresses === undefined ? undefined : `${field} ${not(match)}${addresses}`;
}

/** Converts iptables' `eth+` to nft's `eth*`. */
function device(key: string, match: Match, value: string): string | undefined {
  if (value === "+") return match.negated ? undefined : "";
  return `${key} ${not(match)}"${value.replace(/\+$/, "*")}"`;
}

function protocol(match: Match, value: string, { program }: Surroundings): string | undefined {
  if (program === "ebtables") return `ether type ${not(match)}${etherType(value)}`;
  const name = protocolName(value);
  if (name === undefined) return match.negated ? undefined : "";
  return `meta l4proto ${not(match)}${name}`;
}

function etherType(name: string): string {
  const lower = name.toLowerCase();
  return { ipv4: "ip", ipv6: "ip6", arp: "arp", "802_1q": "vlan" }[lower] ?? lower;
}

function ipProtocol(matches: readonly Match[]): string | undefined {
  const match = matches.find(({ option, negated }) => option === "ip-protocol" && !negated);
  return match === undefined ? undefined : protocolName(match.values[0] ?? "");
}

function ports(
  field: string,
  match: Match,
  value: string,
  protocol: string | undefined,
): string | undefined {
  const known = ["tcp", "udp", "udplite", "sctp", "dccp"];
  if (protocol === undefined || !known.includes(protocol)) return undefined;
  return `${protocol} ${field} ${not(match)}${portsOf(value)}`;
}

/** Formats states as a set: `ct state != new,established` would compare with both at once. */
function connectionState(match: Match, value: string): string | undefined {
  const states = value.toLowerCase().split(",");
  const known = ["new", "established", "related", "invalid", "untracked"];
  if (!states.every((state) => known.includes(state))) return undefined;
  return `ct state ${not(match)}${set(states)}`;
}

function limit(match: Match, value: string, { all }: Surroundings): string | undefined {
  const rate = rateOf(value);
  if (rate === undefined || match.negated) return undefined;
  const burst = all.find(({ option }) => option === "limit-burst")?.values[0] ?? "5";
  return `limit rate ${rate} burst ${burst} packets`;
}

function mark(match: Match, value: string): string {
  const [number, mask] = value.split("/");
  const operator = match.negated ? "!=" : "==";
  return mask === undefined
    ? `meta mark ${operator} ${number}`
    : `meta mark & ${mask} ${operator} ${number}`;
}

function icmp(match: Match, value: string, protocol: "icmp" | "icmpv6"): string | undefined {
  if (value === "any" || value === "255") return match.negated ? undefined : "";
  const known = icmpType(value, protocol);
  if (known === undefined || (known.code !== undefined && match.negated)) return undefined;
  const { type, code } = known;
  const ofCode = code === undefined ? "" : ` ${protocol} code ${code}`;
  return `${protocol} type ${not(match)}${type}${ofCode}`;
}

function tcpFlags(match: Match, mask: string, flags: string): string {
  const bits = (names: string) =>
    names.toLowerCase().replace(/^all$/, "fin,syn,rst,psh,ack,urg").split(",").join("|");
  const expected = flags.toUpperCase() === "NONE" ? "0x0" : `(${bits(flags)})`;
  return `tcp flags & (${bits(mask)}) ${match.negated ? "!=" : "=="} ${expected}`;
}

function addressType(field: string, match: Match, value: string): string {
  return `fib ${field} type ${not(match)}${set(value.toLowerCase().split(","))}`;
}
