import { assertEquals, assertStringIncludes } from "@std/assert";
import { translate } from "../../src/import/translate.ts";
import { must } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";
import { cleaned, shell, takeAllOf, traffic } from "./rules_traffic.ts";
import { captureSoon } from "./traffic.ts";

const needsBoth = { ignore: !HAS_NFT || !HAS_IPTABLES };
const needsNft = { ignore: !HAS_NFT };

Deno.test(
  "a script and rules of nft, translated and run, log the same packets to NFLOG (needs both)",
  needsBoth,
  async () => {
    await using _cleaned = cleaned;
    const script = `for t in iptables ip6tables; do
  $t -A OUTPUT -p udp --dport 9 -j LOG --log-prefix "it's both"
done
iptables-restore -n <<'EOF'
*raw
-A OUTPUT -p udp --dport 10 -j LOG --log-prefix "it's raw"
COMMIT
EOF
nft -f - <<EOF
table inet t {
  chain c {
    type filter hook output priority 0
    udp dport { 10,
      11 } log prefix "it's nft" level warn flags all
  }
}
EOF
`;
    const { rules, problems } = translate(script, 26);
    assertEquals(problems, []);
    const chain = "nft 'add chain inet t c { type filter hook output priority 0; }'";
    const commands = rules.map(({ iptables, nft }) => iptables ?? nft!);
    await shell("nft add table inet t", chain, ...commands);
    await using packets = await captureSoon({ group: 26 });
    await traffic();
    const prefixes = (await takeAllOf(packets)).map(({ prefix, family }) => `${family} ${prefix}`);
    assertEquals(
      Object.fromEntries(
        [...new Set(prefixes)].sort().map((prefix) =>
          [prefix, prefixes.filter((other) => other === prefix).length] as const
        ),
      ),
      { "10 it's both": 1, "2 it's both": 2, "2 it's nft": 4, "2 it's raw": 2 },
    );
  },
);

Deno.test(
  "nft -a tells a rule's place, and its translation takes it (needs nft)",
  needsNft,
  async () => {
    await using _cleaned = cleaned;
    await must(
      ["nft", "-f", "-"],
      `table inet t { chain c { type filter hook output priority 0
udp dport 9 log prefix "old" comment "a # {"
drop
}
}`,
    );
    const { rules } = translate(await must(["nft", "-a", "list", "ruleset"]), 3);
    await shell(rules[0]!.nft!);
    const listed = await must(["nft", "list", "chain", "inet", "t", "c"]);
    assertStringIncludes(
      listed,
      `\t\tudp dport 9 log prefix "old" group 3 comment "a # {"\n\t\tdrop\n`,
    );
  },
);
