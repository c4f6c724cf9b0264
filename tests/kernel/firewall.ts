/**
 * Adds firewall rules for tests. Each test uses its own group, so that no packet of another one
 * reaches it; disposing the rules removes all of them.
 *
 * @module
 */

import { canRun, must } from "../system/process.ts";

/** Whether nft can be used; named in titles of tests that need it. */
export const HAS_NFT: boolean = canRun("nft", "list", "ruleset");
/** Whether iptables can be used. */
export const HAS_IPTABLES: boolean = canRun("iptables-legacy", "-S");

/** Loaded rules. */
export interface Rules extends AsyncDisposable {
  /** Returns the sum of their counters. */
  count(): Promise<number>;
}

/** Hook of a base chain in nft's syntax: `output`, or `ingress device v0`. */
type Hook = string;

/**
 * Adds nftables rules, each to a base chain of its own.
 *
 * @param rules Hook and rule, as in `["output", "udp dport 9 counter log group 1"]`.
 * @param family Family of the table.
 * @returns Rules; disposing them flushes the whole ruleset.
 */
export async function nft(
  rules: readonly (readonly [hook: Hook, rule: string])[],
  family = "inet",
): Promise<Rules> {
  const chains = rules.map(([hook, rule], index) =>
    `chain c${index} {\ntype filter hook ${hook} priority 0\n${rule}\n}\n`
  );
  await must(["nft", "-f", "-"], `table ${family} nfscribe {\n${chains.join("")}}\n`);
  return { count, [Symbol.asyncDispose]: flush };
}

/**
 * Adds iptables rules.
 *
 * @param rules Arguments after `iptables-legacy -A`, as in `OUTPUT -p udp -j NFLOG`.
 * @param program `iptables-legacy` or `ip6tables-legacy`.
 * @returns Rules; disposing them flushes the whole filter table.
 */
export async function iptables(
  rules: readonly string[],
  program = "iptables-legacy",
): Promise<Rules> {
  for (const rule of rules) await must([program, "-A", ...rule.split(" ")]);
  return {
    count: async () => {
      const saved = await must([program, "-nvxL"]);
      const lines = saved.split("\n").filter((line) => line.includes("NFLOG"));
      return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[0]), 0);
    },
    [Symbol.asyncDispose]: async () => void await must([program, "-F"]),
  };
}

async function count(): Promise<number> {
  const listing = await must(["nft", "list", "ruleset"]);
  const counters = [...listing.matchAll(/counter packets (\d+)/g)];
  return counters.reduce((sum, [, packets]) => sum + Number(packets), 0);
}

async function flush(): Promise<void> {
  await must(["nft", "flush", "ruleset"]);
}
