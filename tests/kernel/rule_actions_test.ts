import { assertEquals } from "@std/assert";
import { knownActions } from "../../src/import/actions/known.ts";
import { hasProgram, must } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";

const NFT_NEEDS = HAS_NFT ? "" : " (needs nft)";
const IPTABLES_NEEDS = HAS_IPTABLES && hasProgram("iptables-legacy-save")
  ? ""
  : " (needs iptables)";

const RULESET = `table inet actions {
  chain refused { log prefix "refused " group 9; reject with icmpx admin-prohibited; }
  chain input {
    type filter hook input priority 9; policy drop;
    ct state established,related accept
    tcp dport { 22, 2222 } limit rate 5/minute burst 7 packets log prefix "ssh " group 9
    tcp dport { 22, 2222 } counter accept
    iif lo log prefix "lo" group 9 snaplen 80 accept comment "own"
    ip saddr 192.0.2.0/24 log prefix "open" group 9
    udp dport 53 accept
    counter log prefix "rest " group 9
  }
}
`;

Deno.test({
  name: `actions are known from what the kernel lists of nft's rules${NFT_NEEDS}`,
  ignore: NFT_NEEDS !== "",
  async fn() {
    await must(["nft", "-f", "-"], RULESET);
    try {
      const listed = await must(["nft", "list", "ruleset"]);
      assertEquals(Object.fromEntries(knownActions(listed).actions), {
        "refused ": "reject",
        "ssh ": "accept",
        lo: "accept",
        "rest ": "drop",
      });
    } finally {
      await must(["nft", "delete", "table", "inet", "actions"]);
    }
  },
});

Deno.test({
  name: `actions are known from what iptables-save prints${IPTABLES_NEEDS}`,
  ignore: IPTABLES_NEEDS !== "",
  async fn() {
    const rules = [
      "-N LOGGING",
      "-A LOGGING -m limit --limit 9/sec -j NFLOG --nflog-group 9 --nflog-prefix dropped",
      "-A LOGGING -j DROP",
      "-A OUTPUT -p tcp --dport 23 -s 127.0.0.1 -j NFLOG --nflog-group 9 --nflog-prefix telnet",
      "-A OUTPUT -p tcp --dport 23 -j REJECT --reject-with tcp-reset",
      "-A OUTPUT -p udp -j NFLOG --nflog-group 9 --nflog-prefix open",
      "-A OUTPUT -p udp --dport 9999 -j DROP",
    ];
    try {
      for (const rule of rules) await must(["iptables-legacy", ...rule.split(" ")]);
      const saved = await must(["iptables-legacy-save"]);
      assertEquals(Object.fromEntries(knownActions(saved).actions), {
        dropped: "drop",
        telnet: "reject",
      });
    } finally {
      await must(["iptables-legacy", "-F"]);
      await must(["iptables-legacy", "-X", "LOGGING"]);
    }
  },
});
