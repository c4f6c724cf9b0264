import { assert, assertEquals } from "@std/assert";
import { translate } from "../../src/import/translate.ts";

/** Returns the rules for iptables from a script, without their common end. */
function rulesOf(script: string): string[] {
  const { rules, problems } = translate(script);
  assertEquals(problems, []);
  return rules.map(({ iptables, nft }) =>
    (iptables ?? nft!).replace(/ -A INPUT -j NFLOG --nflog-group 1$/, "")
  );
}

/** Returns the problems of a script that has no other line that logs. */
function problemsOf(script: string): [line: number, message: string][] {
  const { rules, problems } = translate(script);
  assertEquals(rules, []);
  return problems.map(({ line, message }) => [line, message]);
}

const RULE = "-A INPUT -j LOG";

/** Commands before a rule's program, the part that is kept, and the part that precedes nft. */
const WRAPPERS: readonly [before: string, name: string, nft: string][] = [
  ["ip netns exec blue iptables", "ip netns exec blue iptables", "ip netns exec blue nft"],
  ["sudo ip netns exec b ip6tables", "ip netns exec b ip6tables", "ip netns exec b nft"],
  ["nsenter -t 4711 -n iptables", "nsenter -t 4711 -n iptables", "nsenter -t 4711 -n nft"],
  ["docker exec c1 iptables", "docker exec c1 iptables", "docker exec c1 nft"],
  ["/usr/bin/env iptables", "iptables", "nft"],
  ["env -i PATH=/sbin iptables", "iptables", "nft"],
  ["LANG=C iptables", "iptables", "nft"],
  ["sudo -u root /sbin/iptables", "/sbin/iptables", "nft"],
  ["sudo -n iptables", "iptables", "nft"],
  ["nice -n 10 iptables", "iptables", "nft"],
  ["ionice -c3 iptables", "iptables", "nft"],
  ["timeout 5 iptables", "iptables", "nft"],
  ["if ! iptables", "iptables", "nft"],
  ["{ iptables", "iptables", "nft"],
  ["( iptables", "iptables", "nft"],
  ["busybox iptables", "busybox iptables", "nft"],
  ["xtables-nft-multi iptables", "xtables-nft-multi iptables", "nft"],
  ["run iptables", "run iptables", "run nft"],
  ["${PATH_IPT_BIN}iptables", "${PATH_IPT_BIN}iptables", "nft"],
  ['"$DIR"/iptables', '"$DIR"/iptables', "nft"],
  ["$IPT", "$IPT", "nft"],
  ["${IP6TABLES:-/sbin/ip6tables}", "${IP6TABLES:-/sbin/ip6tables}", "nft"],
];

for (const [before, name, nft] of WRAPPERS) {
  Deno.test(`translate() finds the rule after ${before}`, () => {
    const { rules, problems } = translate(`${before} ${RULE}`);
    assertEquals(problems, []);
    assertEquals(rules.map(({ iptables }) => iptables), [
      `${name} -A INPUT -j NFLOG --nflog-group 1`,
    ]);
    assertEquals(rules[0]!.program, /ip6|IP6/.test(before) ? "ip6tables" : "iptables");
    assert(rules[0]!.nft!.startsWith(`${nft} 'add rule ip`), rules[0]!.nft);
    const chain = nft === "nft" ? "nft add table" : `${nft} add table`;
    assert(rules[0]!.chain[0]!.startsWith(chain), rules[0]!.chain[0]);
  });
}

const SCRIPTS: readonly [what: string, script: string, rules: string[]][] = [
  [
    "here-documents with apostrophes",
    `cat > /etc/motd <<EOF\nDon't touch.\nEOF\niptables ${RULE}\ncat <<'E'\n(a '(b)\n\`c' d\nE\nip6tables ${RULE}`,
    ["iptables", "ip6tables"],
  ],
  ["a loop over both", `for t in iptables ip6tables; do $t ${RULE}; done`, [
    "iptables",
    "ip6tables",
  ]],
  ["ip46tables", `ip46tables ${RULE}`, ["iptables", "ip6tables"]],
  ["a variable with a name that says nothing", `FW=/sbin/ip6tables\n$FW ${RULE}`, [
    "/sbin/ip6tables",
  ]],
  ["a variable that is set twice", `F=ip6tables; F=iptables; $F ${RULE}`, ["iptables"]],
  [
    "a variable that is set in an if",
    `if [ "$V6" ]; then F=ip6tables; else F=iptables; fi\n$F ${RULE}`,
    ["ip6tables", "iptables"],
  ],
  ["a variable that may be set again", `F=iptables\n[ "$V6" ] && F=ip6tables\n$F ${RULE}`, [
    "iptables",
    "ip6tables",
  ]],
  [
    "a target in a variable",
    `L="-j LOG --log-prefix x:"\niptables -A INPUT $L\nT=NFLOG\niptables -A INPUT -j $T`,
    [
      "iptables -A INPUT -j NFLOG --nflog-group 1 --nflog-prefix x:",
      "iptables -A INPUT -j NFLOG --nflog-group 0",
    ],
  ],
  [
    "a target in a variable that names another one",
    `O="LOG $LIMIT"; iptables -A INPUT -j $O`,
    ["iptables -A INPUT -j NFLOG --nflog-group 1 $LIMIT"],
  ],
  ["a rule in an array", `R=(${RULE})\niptables "\${R[@]}"`, ["iptables"]],
  ["a command in a variable", `C="iptables ${RULE}"; $C`, ["iptables"]],
  ["a function with a program", `ipt() { /sbin/iptables -w "$@"; }\nipt ${RULE}`, [
    "/sbin/iptables -w",
  ]],
  [
    "a function with two programs",
    `function all {\n ip netns exec red iptables "$@"\n ip6tables "$@"\n}\nall ${RULE}`,
    ["ip netns exec red iptables", "ip6tables"],
  ],
  ["an alias", `alias i6='ip6tables -w'; i6 ${RULE}`, ["ip6tables -w"]],
  ["eval", `F=iptables; eval "$F ${RULE}"`, ["iptables"]],
  ["sh -c", `sh -ec 'iptables ${RULE}' && su -c "ip6tables ${RULE}"`, ["iptables", "ip6tables"]],
  ["a case", `case $1 in a) iptables ${RULE};; esac`, ["iptables"]],
  ["a redirection before the target", `iptables -A INPUT 2>/dev/null -j LOG`, ["iptables"]],
  ["options without blanks, and short ones", "iptables -AINPUT -jLOG --log-pref=a", [
    "iptables -A INPUT -j NFLOG --nflog-group 1 --nflog-prefix a",
  ]],
  [
    "what is handed to iptables-restore, with variables and apostrophes",
    `ip6tables-restore -n <<EOF\n*filter\n-A INPUT -s $LAN -j LOG --log-prefix "it's "\nCOMMIT\nEOF`,
    [`ip6tables -A INPUT -s "$LAN" -j NFLOG --nflog-group 1 --nflog-prefix 'it'\\''s '`],
  ],
  [
    "what is handed to it in a quoted here-document, elsewhere",
    `cat <<'E' | ip netns exec b iptables-legacy-restore\n*filter\n-A INPUT -j LOG --log-prefix "$x"\nE`,
    [
      "ip netns exec b iptables-legacy -A INPUT -j NFLOG --nflog-group 1 --nflog-prefix '$x'",
    ],
  ],
  ["a file of rules that a script writes", `cat > rules.v6 <<E\n*filter\n${RULE}\nE`, [
    "ip6tables",
  ]],
  ["a script that a shell reads", `sh <<E\niptables ${RULE}\nE`, ["iptables"]],
  [
    "firewalld's direct rules",
    `firewall-cmd --permanent --direct --add-rule ipv6 filter INPUT 0 -p tcp -j LOG
firewall-cmd --direct --passthrough ipv4 ${RULE}`,
    [
      "firewall-cmd --permanent --direct --add-rule ipv6 filter INPUT 0 -p tcp " +
      "-j NFLOG --nflog-group 1",
      "firewall-cmd --direct --passthrough ipv4",
    ],
  ],
  [
    "rules of nft",
    `nft add rule inet filter input log prefix \\"x \\"\nnft 'add rule ip f c log'`,
    [
      `nft 'add rule inet filter input log prefix "x " group 1'`,
      "nft 'add rule ip f c log group 1'",
    ],
  ],
  ["what is handed to nft", `nft -f - <<E\nadd rule ip f c ip saddr $LAN log\nE`, [
    'nft "add rule ip f c ip saddr $LAN log group 1"',
  ]],
];

for (const [what, script, rules] of SCRIPTS) {
  Deno.test(`translate() reads ${what}`, () => assertEquals(rulesOf(script), rules));
}

const NAMED: readonly [script: string, problems: [line: number, part: string][]][] = [
  [`\n$FW ${RULE}`, [[2, "nothing here says which program $FW is"]]],
  [`ipt ${RULE}`, [[1, "does not know ipt"]]],
  [`echo iptables ${RULE} | sh`, [[1, "echo only prints this rule"]]],
  [`ssh fw "iptables ${RULE}"`, [[1, "in quotes behind ssh"]]],
  [`x=$(iptables ${RULE})`, [[1, "within a command substitution"]]],
  [`L="-j LOG"\niptables -A INPUT`, [[1, "L holds a target that logs"]]],
  [`if x; then L="-j LOG"; else L="-j DROP"; fi; iptables -A INPUT $L`, [[1, "$L may be -j LOG"]]],
  ["iptables -A INPUT -j $T --log-prefix x", [[1, "which target $T is"]]],
  ["iptables -A INPUT --log-prefix x", [[1, "belongs to a target that logs"]]],
  ["iptables -A INPUT -j LOG --log-nonsense x", [[1, "--log-nonsense is no option"]]],
  ["firewall-cmd --add-rich-rule='rule log prefix=\"x\" accept'", [[1, 'nflog group="1"']]],
  ["firewall-cmd --set-log-denied=all", [[1, "what it refuses"]]],
  ["ufw logging on", [[1, "ufw logs to the kernel's log only"]]],
  ['<rule ipv="ipv4">-j LOG --log-prefix x</rule>', [[1, "seems to log"]]],
  [`{"nftables": []}`, [[1, "this is nft's JSON"]]],
  ["nft 'add rule ip f c log level audit'", [[1, "log level audit writes to the audit log"]]],
  ["nft 'add rule ip f c jump { log; drop; }'", [[1, "a chain without a name"]]],
  [
    `iptables -A INPUT -j LOG --log-prefix "x\niptables ${RULE}`,
    [[1, 'the quote " is not closed'], [2, "the quote of line 1 hides this rule"]],
  ],
];

for (const [script, problems] of NAMED) {
  Deno.test(`translate() names what it cannot translate: ${script}`, () => {
    const found = problemsOf(script);
    assertEquals(found.map(([line]) => line), problems.map(([line]) => line));
    for (const [index, [, part]] of problems.entries()) {
      assert(found[index]![1].includes(part), found[index]![1]);
    }
  });
}

Deno.test("translate() is silent about text that only looks like rules", () => {
  for (
    const text of [
      `# iptables ${RULE}`,
      "echo 'rules for LOG are set'",
      "docker run --log-driver none --log-level debug x",
      "iptables -A INPUT -m comment --comment 'was -j LOG' -j DROP",
      "ufw logging off; firewall-cmd --set-log-denied=off",
      "nft list chain ip filter log; nft add chain ip filter log",
      "nft 'add rule ip filter input jump log'",
    ]
  ) assertEquals(problemsOf(text), []);
});

/** Lines of iptables-save without a comment, and whose they are. */
const SAVED: readonly [lines: string, programs: string[]][] = [
  ["*filter\n-A INPUT -p icmpv6 -j LOG\n-A INPUT -p tcp -j LOG", ["ip6tables", "ip6tables"]],
  ["-A INPUT -s fe80::/10 -d ::1 -j LOG\n-A INPUT -j LOG", ["ip6tables", "ip6tables"]],
  ["-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -j LOG", ["iptables"]],
  ["-4 -A INPUT -j LOG\n-6 -A INPUT -j LOG", ["iptables", "ip6tables"]],
  ["*nat\n-A OUTPUT -p icmp -j LOG\nCOMMIT\n*nat\n-A OUTPUT -d ::1 -j LOG", [
    "iptables",
    "ip6tables",
  ]],
  ["-A FORWARD -p IPv4 --log-level info --log-prefix x -j DROP", ["ebtables"]],
];

for (const [lines, programs] of SAVED) {
  Deno.test(`translate() knows whose rules these are: ${lines.replaceAll("\n", " ")}`, () => {
    const { rules } = translate(lines);
    assertEquals(rules.map(({ program }) => program), programs);
    for (const { notes } of rules) assert(!notes.some((note) => note.startsWith("nothing says")));
  });
}

Deno.test("translate() notes that IPv4 and IPv6 cannot be distinguished", () => {
  const { rules } = translate("*filter\n-A INPUT -j LOG\nCOMMIT\n");
  assertEquals(rules.map(({ program }) => program), ["iptables"]);
  assert(rules[0]!.notes[0]!.startsWith("nothing says whose rule this is"));
});

Deno.test("translate() reads a long script in time", () => {
  const script = "iptables -A INPUT -p tcp -j ACCEPT\n".repeat(20_000) + "${".repeat(20_000) +
    `\n$(`.repeat(5_000) + "\n`".repeat(5001);
  const started = performance.now();
  assertEquals(translate(script).others, 20_000);
  assert(performance.now() - started < 10_000);
});
