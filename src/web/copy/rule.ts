/** Firewall rules that match what a stored record tells of. */

import type { StructuredFlow } from "../../flow/structured.ts";
import type { StoredPacket } from "../../output/table/stored_packet.ts";
import { type Carried, type Match, matchOf } from "./match.ts";

/** End of a rule: a verdict, or none, so that it only counts. */
export type Verdict = "accept" | "drop" | "count";

/** Names of interfaces that neither nft, iptables nor a shell take for something else. */
const PLAIN_NAME = /^(?!\d+$)[A-Za-z0-9_][\w.@-]*$/;

/**
 * Returns a command for nft(8) that puts a rule at the head of a chain.
 *
 * @returns Undefined for records without addresses.
 */
export function nftRule(
  record: StoredPacket | StructuredFlow,
  verdict: Verdict,
): string | undefined {
  const match = matchOf(record);
  if (match === undefined) return undefined;
  const { source, destination, carried, hook } = match;
  const isArp = carried.kind === "arp";
  const family = isArp ? "arp" : "inet";
  const ip = isArp ? "arp" : isSix(match) ? "ip6" : "ip";
  const address = isArp ? " ip" : "";
  const words = [
    ...named(match.in).map((name) => `iifname "${name}"`),
    ...named(match.out).map((name) => `oifname "${name}"`),
    `${ip} saddr${address} ${source}`,
    `${ip} daddr${address} ${destination}`,
    ...nftCarried(carried),
    "counter",
    ...verdict === "count" ? [] : [verdict],
  ];
  return [
    ...remarks(match, verdict),
    `# "${family} filter ${hook}" is the usual name; write that of your own table and chain.`,
    `nft 'insert rule ${family} filter ${hook} ${words.join(" ")}'`,
  ].join("\n");
}

/**
 * Returns a command for iptables(8) or ip6tables(8) that puts a rule at the head of a chain.
 *
 * @returns Undefined for records without addresses, and for ARP.
 */
export function iptablesRule(
  record: StoredPacket | StructuredFlow,
  verdict: Verdict,
): string | undefined {
  const match = matchOf(record);
  if (match === undefined || match.carried.kind === "arp") return undefined;
  const { source, destination, carried, hook } = match;
  const isFilter = hook !== "prerouting" && hook !== "postrouting";
  const words = [
    isSix(match) ? "ip6tables" : "iptables",
    ...isFilter ? [] : ["-t", "mangle"],
    ...["-I", hook.toUpperCase()],
    ...named(match.in).flatMap((name) => ["-i", name]),
    ...named(match.out).flatMap((name) => ["-o", name]),
    ...["-s", source, "-d", destination],
    ...iptablesCarried(carried),
    ...verdict === "count" ? [] : ["-j", verdict.toUpperCase()],
  ];
  return [...remarks(match, verdict), words.join(" ")].join("\n");
}

function nftCarried(carried: Carried): string[] {
  switch (carried.kind) {
    case "port":
      return [`${carried.protocol} ${carried.end[0]}port ${carried.port}`];
    case "icmp":
      return [`${carried.name} type ${carried.type}`, `${carried.name} code ${carried.code}`];
    case "protocol":
      return [`meta l4proto ${carried.number}`];
    default:
      return [];
  }
}

function iptablesCarried(carried: Carried): string[] {
  switch (carried.kind) {
    case "port": {
      const { protocol, end, port } = carried;
      const option = `--${end[0]}port`;
      // UDP-Lite has no options of its own.
      return protocol === "udplite"
        ? ["-p", protocol, "-m", "multiport", `${option}s`, `${port}`]
        : ["-p", protocol, option, `${port}`];
    }
    case "icmp":
      return ["-p", carried.name, `--${carried.name}-type`, `${carried.type}/${carried.code}`];
    case "protocol":
      return ["-p", `${carried.number}`];
    default:
      return [];
  }
}

function isSix({ source }: Match): boolean {
  return source.includes(":");
}

/** Returns the name of an interface, if it can stand in a rule. */
function named(name: string | undefined): string[] {
  return name !== undefined && PLAIN_NAME.test(name) ? [name] : [];
}

/** Describes the rule, in comments of a shell: nothing of the record stands there. */
function remarks(match: Match, verdict: Verdict): string[] {
  const effect = { accept: "Lets", drop: "Drops", count: "Counts" }[verdict];
  const rest = verdict === "accept" ? " pass" : "";
  const { carried } = match;
  const way = carried.kind !== "port"
    ? "packets from and to these addresses"
    : carried.end === "source"
    ? "answers of this service to this address"
    : "packets from this address to this service";
  const unnamed = [["in", match.in], ["out", match.out]] as const;
  return [
    `# ${effect} ${way}${rest}, before all other rules of the chain.`,
    ...unnamed.filter(([, name]) => name !== undefined && named(name).length === 0)
      .map(([way]) =>
        `# The interface that they ${
          way === "in" ? "came in" : "leave"
        } by cannot be named here, and is not matched.`
      ),
  ];
}
