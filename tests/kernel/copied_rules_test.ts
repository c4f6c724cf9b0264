import { assertEquals } from "@std/assert";
import { iptablesRule, nftRule, type Verdict } from "../../src/web/copy/rule.ts";
import { rulesFor } from "../../src/web/advice/silent.ts";
import { tcpdumpCommand } from "../../src/web/copy/tcpdump.ts";
import { hasProgram, must, run } from "../system/process.ts";
import { FLOWS, PACKETS } from "../web_copy/records.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";

const SAMPLES = [...PACKETS, ...FLOWS];
const VERDICTS: readonly Verdict[] = ["accept", "drop", "count"];
const HAS_TCPDUMP = hasProgram("tcpdump");

/** Tables and chains of the usual names. */
const TABLES = ["inet", "arp"].map((family) => {
  const hooks = family === "arp"
    ? ["input", "output"]
    : ["prerouting", "input", "forward", "output", "postrouting"];
  const chains = hooks.map((hook) =>
    `chain ${hook} { type filter hook ${hook} priority 0; policy accept; }`
  );
  return `table ${family} filter {\n${chains.join("\n")}\n}`;
}).join("\n");

Deno.test({
  name: "nft takes every rule that is copied from a record, from a shell" +
    (HAS_NFT ? "" : " (needs nft)"),
  ignore: !HAS_NFT,
  async fn() {
    await must(["nft", "-f", "-"], TABLES);
    try {
      const scripts = SAMPLES.flatMap(({ stored }) =>
        VERDICTS.flatMap((verdict) => nftRule(stored, verdict) ?? [])
      );
      await must(["sh", "-e"], scripts.join("\n"));
      const listed = await must(["nft", "list", "ruleset"]);
      assertEquals(listed.match(/counter packets/g)?.length, scripts.length);
    } finally {
      await run(["nft", "delete table inet filter; delete table arp filter"]);
    }
  },
});

Deno.test({
  name: "iptables takes every rule that is copied from a record, from a shell" +
    (HAS_IPTABLES ? "" : " (needs iptables)"),
  ignore: !HAS_IPTABLES,
  async fn() {
    const scripts = SAMPLES.flatMap(({ stored }) =>
      VERDICTS.flatMap((verdict) => iptablesRule(stored, verdict) ?? [])
    );
    try {
      await must(["sh", "-e"], scripts.join("\n"));
      const saved = await Promise.all(
        ["iptables-save", "ip6tables-save"].map((program) => must([program])),
      );
      assertEquals(saved.join("\n").match(/^-A /gm)?.length, scripts.length);
    } finally {
      for (const program of ["iptables", "ip6tables"]) {
        for (const table of ["filter", "mangle"]) await run([program, "-t", table, "-F"]);
      }
    }
  },
});

Deno.test({
  name: "A shell takes the rules that an empty page shows" +
    (HAS_NFT && HAS_IPTABLES ? "" : " (needs nft and iptables)"),
  ignore: !HAS_NFT || !HAS_IPTABLES,
  async fn() {
    const feeds = [1, 2].map((group) => ({
      name: `nflog:${group}`,
      feed: { target: "NFLOG" as const, group, copyRange: 96 },
    }));
    try {
      for (const rules of rulesFor(feeds)) await must(["sh", "-e"], rules);
      const listed = await must(["nft", "list", "table", "inet", "nfscribe"]);
      assertEquals(listed.match(/log prefix/g)?.length, 4);
      const saved = await must(["iptables-save"]);
      assertEquals(saved.match(/-j NFLOG/g)?.length, 4);
    } finally {
      await run(["nft", "delete table inet nfscribe"]);
      for (const program of ["iptables", "ip6tables"]) await run([program, "-F"]);
    }
  },
});

Deno.test({
  name: "tcpdump takes every command that is copied from a record" +
    (HAS_TCPDUMP ? "" : " (needs tcpdump)"),
  ignore: !HAS_TCPDUMP,
  async fn() {
    for (const { name, stored } of SAMPLES) {
      const command = tcpdumpCommand(stored);
      if (command === undefined) continue;
      // -d prints the filter and ends.
      const { code, stderr } = await run(["sh", "-c", `${command.replace("-i any", "-i lo")} -d`]);
      assertEquals(code, 0, `${name}: ${stderr}`);
    }
  },
});
