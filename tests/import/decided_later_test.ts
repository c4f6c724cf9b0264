import { assert, assertEquals } from "@std/assert";
import { printRules } from "../../src/import/print_rules.ts";
import { translate } from "../../src/import/translate.ts";

const RULE = "-A INPUT -j LOG";

/** Scripts, and the rules that they become where the script says enough. */
const TRANSLATED: readonly [what: string, script: string, rules: string[]][] = [
  ["what echo hands to nft", `echo "add rule ip f c log prefix \\"a \\"" | nft -f -`, [
    `nft 'add rule ip f c log prefix "a " group 1'`,
  ]],
  [
    "what printf hands to iptables-restore",
    `printf '%s\\n' '*filter' '${RULE} --log-prefix x' COMMIT | ip6tables-restore`,
    ["ip6tables -A INPUT -j NFLOG --nflog-group 1 --nflog-prefix x"],
  ],
  ["nft's words in a variable", `R="add rule ip f c log"; nft "$R"`, [
    "nft 'add rule ip f c log group 1'",
  ]],
  ["a part of nft's words in a variable", `R='ip f c log prefix "x "'\nnft add rule $R`, [
    `nft 'add rule ip f c log prefix "x " group 1'`,
  ]],
  ["what a here-string hands to nft", `nft -f - <<< "add rule ip f c log"`, [
    "nft 'add rule ip f c log group 1'",
  ]],
  ["an option in a variable", "j=-j; iptables -A INPUT $j LOG", [
    "iptables -A INPUT -j NFLOG --nflog-group 1",
  ]],
  ["options in a variable", `O="-p tcp -j LOG"; iptables -A INPUT $O`, [
    "iptables -A INPUT -p tcp -j NFLOG --nflog-group 1",
  ]],
  [
    "variables in variables",
    `N=10.0.0.0; LAN="$N/8"; IPT=$(which iptables)\n$IPT -A INPUT -s "\${LAN}" -j LOG`,
    ["iptables -A INPUT -s 10.0.0.0/8 -j NFLOG --nflog-group 1"],
  ],
  [
    "calls of a function",
    `f() { iptables -A "$1" -j LOG --log-prefix "$2 "; }\nf INPUT a\nf FORWARD "b c"`,
    [
      "iptables -A INPUT -j NFLOG --nflog-group 1 --nflog-prefix 'a '",
      "iptables -A FORWARD -j NFLOG --nflog-group 1 --nflog-prefix 'b c '",
    ],
  ],
  [
    "calls of a function by another one, and a variable of its own",
    `function g { iptables -A $1 -j "$2"; }\nf() {\n local c=$1\n g "$c" LOG\n}\nf INPUT`,
    ["iptables -A INPUT -j NFLOG --nflog-group 1"],
  ],
  ["a function that adds the target", `l() { iptables "$@" -j LOG; }\nl -A INPUT -s 192.0.2.1`, [
    "iptables -A INPUT -s 192.0.2.1 -j NFLOG --nflog-group 1",
  ]],
  [
    "a function that runs what it gets, and prints it",
    `run() { echo "$@"; "$@"; }\nrun iptables ${RULE}`,
    ["iptables -A INPUT -j NFLOG --nflog-group 1"],
  ],
  [
    "variables of nft",
    `nft -f - <<'E'\ndefine p = "x "\ndefine q = { 22, 80 }\n` +
    `add rule ip f c log prefix "a $p"\nadd rule ip f c tcp dport $q log\nE`,
    [
      `nft 'add rule ip f c log prefix "a x " group 1'`,
      "nft 'add rule ip f c tcp dport { 22, 80 } log group 1'",
    ],
  ],
  [
    "a file that the script writes and loads",
    `cat > r <<E\n*filter\n${RULE}\nE\niptables-restore < r`,
    [
      "iptables -A INPUT -j NFLOG --nflog-group 1",
    ],
  ],
  ["escapes of bash", `iptables -A INPUT -j LOG --log-prefix $'a\\x62\\143 '`, [
    "iptables -A INPUT -j NFLOG --nflog-group 1 --nflog-prefix 'abc '",
  ]],
];

for (const [what, script, expected] of TRANSLATED) {
  Deno.test(`translate() fills in ${what}`, () => {
    const { rules, problems } = translate(script);
    assertEquals(problems, []);
    assertEquals(rules.map(({ iptables, nft }) => iptables ?? nft), expected);
    for (const { needs } of rules) assertEquals(needs, []);
  });
}

const DECIDED = "what this rule does is decided when the script runs";
const ITSELF = "translate that file by itself: nfscribe rules --from - <";

/** Scripts of which a line cannot be translated, and the reason. */
const NAMED: readonly [script: string, line: number, part: string][] = [
  ["\niptables-restore < /etc/rules.v4", 2, `${ITSELF}/etc/rules.v4`],
  ["iptables-restore -w 5 -n '/etc/a b'", 1, `${ITSELF}'/etc/a b'`],
  ['ip netns exec b ip6tables-legacy-restore < "$F"', 1, `${ITSELF}"$F"`],
  ["cat /etc/x | iptables-restore", 1, `${ITSELF}/etc/x`],
  ["gen | iptables-restore", 1, "reads what gen prints"],
  ["(gen; gen) | nft -f -", 1, "from what is given to it when the script runs"],
  [". ./other.sh", 1, `${ITSELF}./other.sh`],
  ["source $CONF", 1, `${ITSELF}"$CONF"`],
  ["sh -x /root/fw.sh", 1, `${ITSELF}/root/fw.sh`],
  ["/etc/firewall.d/local.sh start", 1, `${ITSELF}/etc/firewall.d/local.sh`],
  ["sudo nft -cf x.nft", 1, `${ITSELF}x.nft`],
  ["nft --file=x.nft", 1, `${ITSELF}x.nft`],
  ["nft -f <(gen)", 1, "reads what a command prints"],
  [`#!/usr/sbin/nft -f\ninclude "/etc/a.nft"`, 2, `${ITSELF}/etc/a.nft`],
  ["table ip f { chain c {\ninclude 'a.nft'\n} }", 2, `${ITSELF}a.nft`],
  ["nft add rule $R", 1, `${DECIDED}: nothing here says what $R is`],
  ['nft "$R"', 1, `${DECIDED}: nothing here says what $R is`],
  ["nft add rule ip f c $LOG drop", 1, DECIDED],
  ["nft add rule ip f c ip saddr $(cat x) log", 1, "put its result into a variable first"],
  ["nft 'add rule ip f c ip saddr $lan log'", 1, "nothing here defines $lan"],
  ["iptables -A INPUT -j $(echo LOG)", 1, `${DECIDED}: nothing here says what $(echo LOG) is`],
  ["T=${X:-LOG}; iptables -A INPUT -j $T", 1, DECIDED],
  ["iptables -A INPUT -j ${1}", 1, DECIDED],
  ["iptables -A INPUT -j L$X", 1, DECIDED],
  ["iptables -A INPUT $OPTS", 1, DECIDED],
  ["iptables $R", 1, DECIDED],
  ["while read r; do iptables $r; done < rules", 1, DECIDED],
  ["ebtables -A FORWARD $X -j DROP", 1, DECIDED],
  ['eval "$CMD"', 1, DECIDED],
  [`iptables -A "$1" -j LOG`, 1, "$1 is an argument of the script"],
  [`f() { iptables -A "$1" -j LOG; }`, 1, "$1 is an argument"],
  [`f() {\nshift\niptables -A "$1" -j LOG\n}\nf x INPUT`, 3, "$1 is an argument"],
  ["xargs -n1 iptables -A INPUT -j LOG -s < hosts", 1, "xargs adds words to this rule"],
  ["cat hosts | xargs -I{} nft add rule ip f c ip saddr {} log", 1, "xargs adds words"],
  [`cat <<E | sed s/a/b/ | iptables-restore\n*filter\n${RULE}\nE`, 3, "sed may change this rule"],
  [`ssh fw sh <<E\niptables ${RULE}\nE`, 2, "gets this rule, to run it elsewhere"],
  ["iptables -A INPUT -j LOG --log-prefix 'a\x1b[31m'", 1, "control character U+001B"],
  ["iptables -A INPUT -j LOG --log-prefix $'a\\e[31m'", 1, "control character U+001B"],
  ["nft 'add rule ip f c log prefix \"a\x9b\"'", 1, "control character U+009B"],
];

for (const [script, line, part] of NAMED) {
  Deno.test(`translate() names what is decided later: ${JSON.stringify(script)}`, () => {
    const { rules, problems } = translate(script);
    assertEquals(rules, []);
    assertEquals(problems.map(({ line }) => line), [line]);
    assert(problems[0]!.message.includes(part), problems[0]!.message);
  });
}

Deno.test("translate() says nothing of what can hold no rule that logs", () => {
  for (
    const script of [
      ". /lib/lsb/init-functions",
      "nft list $X; nft flush ruleset; nft add table ip $T; nft delete chain ip f $C",
      "nft add rule ip f c ip saddr $LAN drop; nft add rule ip f c tcp dport { $A, $B } accept",
      "iptables -P INPUT $P; iptables -F; iptables -N $C; iptables -t $T -X $C; iptables -D INPUT $N",
      "T=DROP; iptables -A INPUT -j $T",
      "for T in DROP ACCEPT; do iptables -A INPUT -j $T; done",
      "iptables -A INPUT -s $LAN -j DROP",
      'ipt() { iptables "$@"; }\nipt -A INPUT -j DROP',
      "cp a.sh /root/b.sh; sudo cp a.sh /root/b.sh; chsh -s /bin/sh x",
    ]
  ) assertEquals(translate(script).problems, [], script);
});

Deno.test("printRules() stops a shell that lacks a variable of the script's", () => {
  const { rules, problems, others } = translate(
    "while read h; do iptables -A INPUT -s $h $LIMIT -j LOG --log-level $LEVEL; done < hosts",
  );
  assertEquals(problems, []);
  const printed = printRules({ rules, problems, others }, "iptables");
  assertEquals(printed.split("\n").filter((line) => !line.startsWith("#")), [
    ': "${h?}" "${LIMIT?}"',
    "",
    "iptables -A INPUT -s $h $LIMIT -j NFLOG --nflog-group 1",
  ]);
});

Deno.test("printRules() escapes control characters of comments", () => {
  const printed = printRules(translate(
    `iptables -A INPUT -j LOG --log-level "a\x1b[2J\x9b\u202e"\niptables ${RULE}\n`,
  ));
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(printed), JSON.stringify(printed));
});

Deno.test("translate() does not take a value for certain that may be another one", () => {
  for (
    const script of [
      "A=1.1.1.1; if x; then A=2.2.2.2; fi; iptables -A INPUT -s $A -j LOG",
      "A=1.1.1.1; read A; iptables -A INPUT -s $A -j LOG",
      "f() { iptables -A INPUT -s $A -j LOG; }\nA=1.1.1.1\nf",
      '[ -n "$A" ] || A=1.1.1.1; iptables -A INPUT -s $A -j LOG',
      "A=1.1.1.1 x; iptables -A INPUT -s $A -j LOG",
      "for A in 1.1.1.1 2.2.2.2; do iptables -A INPUT -s $A -j LOG; done",
    ]
  ) {
    const { rules, problems } = translate(script);
    assertEquals(problems, [], script);
    assertEquals(rules.map(({ needs }) => needs), [["A"]], script);
  }
});
