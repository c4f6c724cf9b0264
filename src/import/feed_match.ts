/**
 * Parses the match of a rule, in the syntax of nft or iptables, and converts it to the other one if
 * possible.
 */

import type { FeedMatch } from "./feed.ts";
import { nftMatches } from "./nft_matches.ts";
import { type Match, ruleOf } from "./rule.ts";
import { commandsOf } from "./shell.ts";
import { OWN_CHARACTERS, runsCommand } from "./words.ts";

const BOTH = ["iptables", "ip6tables"] as const;

/** New connections: the usual interest, and few packets. */
export const NEW_CONNECTIONS: FeedMatch = {
  nft: "ct state new",
  iptables: "-m conntrack --ctstate NEW",
  programs: BOTH,
};

/** Text that matches every packet. */
const EVERYTHING = "all";

/** Pattern of ports in nft's syntax: `tcp dport 22`, `udp sport { 53, 5353 }`. */
const NFT_PORT = /^(tcp|udp|udplite|sctp|dccp) ([ds]port) (\d+(?:-\d+)?|\{ *[\d, -]+\})$/;

/**
 * Parses a match.
 *
 * @param text Text such as `tcp dport 22`, `-p tcp --dport 22`, or {@linkcode EVERYTHING}.
 * @returns The match; a form that is not known is absent.
 * @throws {SyntaxError} If it cannot be a match.
 */
export function feedMatch(text: string): FeedMatch {
  if (OWN_CHARACTERS.test(text)) throw new SyntaxError("must not hold U+E000 or U+E001");
  if (/[\n\r\0]/.test(text)) throw new SyntaxError("must be one line");
  if (text === EVERYTHING) return { nft: "", iptables: "", programs: BOTH };
  return /^(-|! )/.test(text) ? iptablesMatch(text) : nftMatch(text.trim());
}

function nftMatch(nft: string): FeedMatch {
  if (nft === NEW_CONNECTIONS.nft) return NEW_CONNECTIONS;
  const [, protocol, field, value] = NFT_PORT.exec(nft) ?? [];
  if (value === undefined) return { nft, programs: BOTH };
  const ports = value.replaceAll(/[{} ]/g, "").replaceAll("-", ":");
  const isList = ports.includes(",");
  const iptables = isList
    ? `-p ${protocol} -m multiport --${field}s ${ports}`
    : `-p ${protocol} --${field} ${ports}`;
  return { nft, iptables, programs: BOTH };
}

function iptablesMatch(text: string): FeedMatch {
  const commands = commandsOf(`iptables -A INPUT ${text}`);
  const [command] = commands;
  if (command === undefined || commands.length > 1) {
    throw new SyntaxError("must be one rule's match");
  }
  if (command.words.some(runsCommand)) throw new SyntaxError("must not run a command");
  const words = command.words.slice(1);
  const rule = ruleOf("iptables", words);
  const isMatch = rule?.action === "append" && rule.chain === "INPUT" && rule.words.length > 2;
  if (!isMatch || rule.target !== undefined || rule.unknown.includes("--")) {
    throw new SyntaxError("must be what stands before -j, as in -p tcp --dport 22");
  }
  const programs = programsFor(rule.matches);
  const { expressions, byHand } = nftMatches({ ...rule, program: programs[0]! });
  const iptables = words.slice(2).map(({ raw }) => raw).join(" ");
  return byHand.length > 0 || rule.unknown.length > 0
    ? { iptables, programs }
    : { nft: expressions.join(" "), iptables, programs };
}

/**
 * Returns the programs that support matches: an address, like the protocol ICMP, belongs to one
 * family.
 */
function programsFor(matches: readonly Match[]): FeedMatch["programs"] {
  const values = matches.flatMap(({ option, values }) =>
    /^(source|destination|src-range|dst-range)$/.test(option) ? values : []
  );
  const is = (...names: string[]) =>
    matches.some(({ option, values }) =>
      names.includes(option) || (option === "protocol" && names.includes(values[0]!.toLowerCase()))
    );
  if (values.some((value) => value.includes(":")) || is("icmpv6", "ipv6-icmp", "58")) {
    return ["ip6tables"];
  }
  if (values.length > 0 || is("icmp", "1", "fragment", "icmp-type")) return ["iptables"];
  return BOTH;
}
