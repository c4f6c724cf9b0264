/** Maps chains of iptables to nft. */

import type { Rule } from "./rule.ts";
import { EXPANSION, inQuotes, quoted } from "./words.ts";

/** Hooks of the built-in chains. */
const HOOKS: Readonly<Record<string, string>> = {
  PREROUTING: "prerouting",
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
};

/** Priorities of the tables (linux/netfilter_ipv4.h, linux/netfilter_bridge.h). */
const PRIORITIES: Readonly<Record<string, string>> = {
  filter: "filter",
  mangle: "mangle",
  raw: "raw",
  security: "security",
};

/** Returns the family, table and chain of a rule for nft. */
export function nftChain({ program, table, chain }: Rule): string {
  const family = { iptables: "ip", ip6tables: "ip6", ebtables: "bridge" }[program];
  return `${family} ${table} ${chain}`;
}

/**
 * Returns commands that create a rule's chain, as iptables-nft would.
 *
 * @returns None if nft has no such chain, or the shell expands its name.
 */
export function chainCommands(rule: Rule): string[] {
  const chain = nftChain(rule);
  if (chain.includes(EXPANSION)) return [];
  const words = chain.split(" ").map(quoted);
  const table = words.slice(0, 2).join(" ");
  const hook = HOOKS[rule.chain];
  if (hook === undefined) return [`nft add table ${table}`, `nft add chain ${words.join(" ")}`];
  const place = placeOf(rule, hook);
  return [
    `nft add table ${table}`,
    `nft ${inQuotes(`add chain ${chain} { type ${place}; }`)}`,
  ];
}

function placeOf({ program, table }: Rule, hook: string): string {
  if (table === "nat") {
    const isSource = hook === "postrouting" || hook === "input";
    const priority = program === "ebtables"
      ? { prerouting: "-300", output: "100", postrouting: "300" }[hook] ?? "300"
      : isSource
      ? "100"
      : "-100";
    return `${program === "ebtables" ? "filter" : "nat"} hook ${hook} priority ${priority}`;
  }
  // A packet whose mark is changed at output is routed again.
  const type = table === "mangle" && hook === "output" ? "route" : "filter";
  return `${type} hook ${hook} priority ${PRIORITIES[table] ?? "filter"}`;
}
