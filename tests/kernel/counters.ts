/**
 * Accounting objects on the real kernel, for tests.
 *
 * @module
 */

import { canRun, must } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";

/** Whether nfacct(8), its match of iptables, and nft can be used. */
export const HAS_COUNTERS: boolean = HAS_NFT && HAS_IPTABLES && canRun("nfacct", "list");

/** Rules that count packets to port 9 with named counters. */
const RULES = `table inet counted {
  counter hits { packets 5 bytes 500; }
  counter idle {}
  chain output {
    type filter hook output priority 0
    udp dport 9 counter name hits
  }
}
`;

/**
 * Makes objects of nfacct that count packets to port 9, and named counters.
 *
 * @param names Names of the objects of nfacct.
 * @returns Disposing removes all objects and rules.
 */
export async function countAll(names: readonly string[]): Promise<AsyncDisposable> {
  const zero = "0".repeat(20);
  const listed = names.map((name) => `{ pkts = ${zero}, bytes = ${zero} } = ${name};\n`);
  await must(["nfacct", "restore"], listed.join(""));
  const rules = names.map((name) => `-A OUTPUT -p udp --dport 9 -m nfacct --nfacct-name ${name}\n`);
  await must(["iptables-legacy-restore"], `*filter\n${rules.join("")}COMMIT\n`);
  await must(["nft", "-f", "-"], RULES);
  return {
    async [Symbol.asyncDispose]() {
      await must(["nft", "flush", "ruleset"]);
      await must(["iptables-legacy", "-F"]);
      await must(["nfacct", "flush"]);
    },
  };
}
