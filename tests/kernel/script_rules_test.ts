import { assertEquals, assertStringIncludes } from "@std/assert";
import { translate } from "../../src/import/translate.ts";
import { canRun, must } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";
import { cleaned, shell, takeAllOf, traffic } from "./rules_traffic.ts";
import { captureSoon } from "./traffic.ts";

// In a user namespace it may not list the tables.
const needsBoth = { ignore: !HAS_NFT || !HAS_IPTABLES || !canRun("iptables-legacy-save") };
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

/** A script that makes its rules by functions, variables, and what it hands to others. */
const INDIRECT = `IPT=$(command -v iptables-legacy)
NET=127.0.0
LOCAL="$NET.0/8"
OPTS="-p udp -m comment --comment both"
j=-j
log_it() {
  local chain=$1
  $IPT -A "$chain" -s $LOCAL -j LOG --log-prefix "$2 \${3:-none}: "
}
for_all() { iptables-legacy -w "$@"; ip6tables-legacy -w "$@"; }
port() { for_all -A FORWARD -p tcp --dport "$1" -j LOG --log-prefix "port $1 "; }
log_it OUTPUT first "a b"
log_it INPUT second
for_all -A OUTPUT $OPTS $j LOG
port 22
port 80
RULES="*raw
-A OUTPUT -p udp --dport 10 -j LOG --log-prefix raw
COMMIT"
echo "$RULES" | iptables-legacy-restore -n
nft -f - <<'E'
define ports = { 9, 10 }
define p = "nft "
add rule inet t c udp dport $ports log prefix "$p of $p"
E
R="inet t c ip saddr $LOCAL log"
nft add rule $R
`;

/** Rules that log, as the kernel has them, with LOG's words as NFLOG's. */
async function loaded(): Promise<string[]> {
  const listed = await must([
    "sh",
    "-ec",
    "iptables-legacy-save; ip6tables-legacy-save; nft list ruleset",
  ]);
  return listed.split("\n").filter((line) => /LOG|\blog\b/.test(line)).map((line) =>
    line.trim().replaceAll('"', "").replace(/ (?:--nflog-)?group 26$/, "")
      .replace("--log-prefix", "--nflog-prefix").replace("-j LOG", "-j NFLOG")
      .replace(/ --nflog-group 26\b/, "")
  ).map((line) => line.trimEnd()).sort();
}

Deno.test(
  "rules that a script makes by functions and variables stay the same (needs both)",
  needsBoth,
  async () => {
    await using _cleaned = cleaned;
    const chain = "nft add table inet t; nft add chain inet t c";
    await must(["sh", "-ec", `${chain}\n${INDIRECT}`]);
    const before = await loaded();
    assertEquals(before.length, 11);
    await cleaned[Symbol.asyncDispose]();
    assertEquals(await loaded(), []);
    const translated = translate(INDIRECT, 26);
    assertEquals(translated.problems, []);
    assertEquals(translated.rules.flatMap(({ needs }) => needs), []);
    const commands = translated.rules.map(({ iptables, nft }) => iptables ?? nft!);
    await must(["sh", "-ec", [chain, ...commands].join("\n")]);
    assertEquals(await loaded(), before);
  },
);
