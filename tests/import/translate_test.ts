import { assert, assertEquals } from "@std/assert";
import { printRules } from "../../src/import/print_rules.ts";
import { translate, type Translation } from "../../src/import/translate.ts";

/** Returns the only rule of a text. */
function only(text: string, group?: number): Translation {
  const { rules, problems } = translate(text, group);
  assertEquals(problems, []);
  assertEquals(rules.length, 1);
  return rules[0]!;
}

/** Returns a rule for nft without the common beginning and end. */
function matchesOf(matches: string, program = "iptables"): string | undefined {
  const { nft } = only(`${program} -A INPUT ${matches} -j LOG`);
  return nft && /INPUT (.*?) ?counter log group 1/.exec(nft)?.[1];
}

Deno.test("translate() makes NFLOG of ULOG, for iptables and for nft", () => {
  const rule = only(
    "iptables -I OUTPUT -d 99.99.99.99 -j ULOG --ulog-nlgroup 1 --ulog-cprange 100 " +
      "--ulog-prefix x --ulog-qthreshold 50",
  );
  assertEquals(
    rule.iptables,
    "iptables -I OUTPUT -d 99.99.99.99 -j NFLOG --nflog-group 1 --nflog-prefix x --nflog-size 100 " +
      "--nflog-threshold 50",
  );
  assertEquals(
    rule.nft,
    `nft 'insert rule ip filter OUTPUT ip daddr 99.99.99.99 counter log prefix "x" group 1 ` +
      `snaplen 100 queue-threshold 50'`,
  );
  assertEquals(rule.notes, []);
});

Deno.test("translate() takes ULOG's defaults: group 1, whole packets", () => {
  for (const options of ["", "--ulog-cprange 0"]) {
    const { iptables, nft } = only(`iptables -A INPUT -j ULOG ${options}`);
    assertEquals(iptables, "iptables -A INPUT -j NFLOG --nflog-group 1");
    assertEquals(nft, "nft 'add rule ip filter INPUT counter log group 1'");
  }
});

Deno.test("translate() explains why LOG's options have no counterpart", () => {
  const { iptables, notes } = only(
    `ip6tables -A INPUT -j LOG --log-level info --log-prefix "DROP: " --log-uid --log-tcp-options`,
    7,
  );
  assertEquals(iptables, "ip6tables -A INPUT -j NFLOG --nflog-group 7 --nflog-prefix 'DROP: '");
  assertEquals(notes, [
    "--log-level info has no counterpart: a packet has no level",
    "for the same lines give the logemu output that writes them " +
    'dialect = "kernel" and log_options = ["uid", "tcp-options"]',
  ]);
});

Deno.test("translate() makes --nflog-size of --nflog-range, which the kernel ignored", () => {
  const { iptables, notes } = only("iptables -A INPUT -j NFLOG --nflog-range 64");
  assertEquals(iptables, "iptables -A INPUT -j NFLOG --nflog-group 0 --nflog-size 64");
  assert(notes[0]!.startsWith("the kernel never applied --nflog-range"));
});

Deno.test("translate() keeps tables, places, and words that it does not know", () => {
  const { iptables, nft } = only(
    "sudo /sbin/iptables -w 5 -t mangle -I PREROUTING 3 -i br+ -j LOG",
  );
  assertEquals(
    iptables,
    "/sbin/iptables -w 5 -t mangle -I PREROUTING 3 -i br+ -j NFLOG --nflog-group 1",
  );
  assertEquals(
    nft,
    `nft 'insert rule ip mangle PREROUTING index 2 iifname "br*" counter log group 1'`,
  );
});

const MATCHES: readonly [iptables: string, nft: string][] = [
  ["-s 10.1.2.3", "ip saddr 10.1.2.3"],
  ["! -s 10.0.0.0/255.0.0.0", "ip saddr != 10.0.0.0/8"],
  ["-s ! 10/8", "ip saddr != 10.0.0.0/8"],
  ["-d 10.0.0.1,10.0.0.2", "ip daddr { 10.0.0.1, 10.0.0.2 }"],
  ["-s 0/0 -d 0.0.0.0/0", ""],
  ["-i lo ! -o eth+", `iifname "lo" oifname != "eth*"`],
  ["-p tcp --dport 22:", "meta l4proto tcp tcp dport 22-65535"],
  ["-p 17 --sport :53", "meta l4proto udp udp sport 0-53"],
  ["-p tcp --dport=ssh", "meta l4proto tcp tcp dport ssh"],
  ["! -p icmp", "meta l4proto != icmp"],
  ["-p all", ""],
  ["-p udp -m multiport ! --dports 1,3:5", "meta l4proto udp udp dport != { 1, 3-5 }"],
  ["-m conntrack --ctstate NEW,RELATED", "ct state { new, related }"],
  ["-m state ! --state ESTABLISHED", "ct state != established"],
  ["-m limit --limit 5/min", "limit rate 5/minute burst 5 packets"],
  ["-m limit --limit 2 --limit-burst 9", "limit rate 2/second burst 9 packets"],
  ["-m limit --limit-burst 9", "limit rate 3/hour burst 9 packets"],
  ["-m limit --limit 1/h -s 10.0.0.1", "ip saddr 10.0.0.1 limit rate 1/hour burst 5 packets"],
  ["-m mark --mark 0x1/0xff", "meta mark & 0xff == 0x1"],
  ["-m mark ! --mark 5", "meta mark != 5"],
  ["-m owner --uid-owner 1000", "meta skuid 1000"],
  ["-m owner ! --gid-owner 5-9", "meta skgid != 5-9"],
  ["-p icmp --icmp-type host-unreachable", "meta l4proto icmp icmp type 3 icmp code 1"],
  ["-p icmp ! --icmp-type 8", "meta l4proto icmp icmp type != 8"],
  ["-p tcp --syn", "meta l4proto tcp tcp flags & (fin|syn|rst|ack) == (syn)"],
  [
    "-p tcp ! --tcp-flags ALL NONE",
    "meta l4proto tcp tcp flags & (fin|syn|rst|psh|ack|urg) != 0x0",
  ],
  ["-m mac --mac-source 00:AA:00:00:00:01", "ether saddr 00:aa:00:00:00:01"],
  ["-m addrtype --dst-type LOCAL,BROADCAST", "fib daddr type { local, broadcast }"],
  ["-m iprange --src-range 10.0.0.1-10.0.0.9", "ip saddr 10.0.0.1-10.0.0.9"],
  ["-m pkttype --pkt-type unicast", "meta pkttype host"],
  ["-f", "ip frag-off & 0x1fff != 0"],
];

for (const [iptables, nft] of MATCHES) {
  Deno.test(`translate() makes "${nft}" of ${iptables}`, () => {
    assertEquals(matchesOf(iptables), nft);
    assert(only(`iptables -A INPUT ${iptables} -j LOG`).chain.length === 2);
  });
}

Deno.test("translate() knows IPv6", () => {
  assertEquals(matchesOf("-s fe80::/10 -d ::/0", "ip6tables"), "ip6 saddr fe80::/10");
  assertEquals(
    matchesOf("-p ipv6-icmp --icmpv6-type echo-request", "ip6tables"),
    "meta l4proto icmpv6 icmpv6 type 128",
  );
});

const BY_HAND: readonly [matches: string, names: string[]][] = [
  ["-m string --algo bm --string 'a b'", ["-m string", "--algo", "--string"]],
  ["-m limit", ["-m limit"]],
  ["-p tcp -m multiport --ports 1,2", ["--ports"]],
  ["--dport 22", ["--destination-port"]],
  ["-s 10.0.0.1/255.0.255.0", ["--source"]],
  ["-m conntrack --ctstate NEW,DNAT", ["--ctstate"]],
  ["-m connmark --mark 1", ["-m connmark", "--mark"]],
  ["-p icmp ! --icmp-type 3/1", ["--icmp-type"]],
];

for (const [matches, names] of BY_HAND) {
  Deno.test(`translate() keeps ${matches} for iptables and names it for nft`, () => {
    const rule = only(`iptables -A INPUT ${matches} -j ULOG`);
    assertEquals(rule.iptables, `iptables -A INPUT ${matches} -j NFLOG --nflog-group 1`);
    assertEquals(rule.nft, undefined);
    assertEquals(rule.byHand, names);
    const printed = printRules({ rules: [rule], problems: [], others: 0 });
    assert(printed.includes(`# For nft, translate by hand: ${names.join(", ")}.`));
    assert(printed.includes(`#   iptables-translate -A INPUT ${matches} -j NFLOG`));
  });
}

Deno.test("translate() cuts prefixes and comments where NFLOG or nft does", () => {
  const old = only(`iptables -A INPUT -j LOG --log-prefix ${"a".repeat(40)}`);
  assertEquals(old.notes, ["LOG cut this prefix after 29 bytes; NFLOG does not"]);
  assert(old.iptables!.endsWith(` ${"a".repeat(40)}`));
  const prefix = "é".repeat(70);
  const long = only(`iptables -A INPUT -j NFLOG --nflog-prefix ${prefix}`);
  assert(long.iptables!.endsWith(` '${"é".repeat(63)}'`), "no character is cut in two");
  assert(long.nft!.includes(`prefix "${"é".repeat(63)}"`));
  assertEquals(long.notes, [
    "the prefix has 140 bytes; iptables takes 127: it is cut",
    "nft takes 127 bytes: the prefix is cut",
  ]);
});

Deno.test("translate() knows that a prefix of iptables-nft is longer than of others", () => {
  const prefix = "p".repeat(100);
  const nft = only(`iptables -A INPUT -j NFLOG --nflog-prefix ${prefix}`);
  assert(nft.iptables!.endsWith(` ${prefix}`));
  assertEquals(nft.notes, [
    "the prefix has 100 bytes; iptables-legacy, and iptables before 1.8.8, cut it after 63",
  ]);
  const legacy = only(`ip6tables-legacy -A INPUT -j NFLOG --nflog-prefix ${prefix}`);
  assert(legacy.iptables!.endsWith(` ${"p".repeat(63)}`));
  assertEquals(legacy.notes, ["the prefix has 100 bytes; ip6tables takes 63: it is cut"]);
  // It refuses longer ones.
  const bridge = only(`ebtables -A FORWARD --nflog-prefix ${prefix}`);
  assert(bridge.iptables!.endsWith(` ${"p".repeat(63)}`));
});

Deno.test("translate() replaces characters that nft cannot quote, and notes it", () => {
  const { nft, iptables, notes } = only(
    `iptables -A INPUT -m comment --comment "it's" -j LOG --log-prefix 'a "b" $c'`,
  );
  assert(iptables!.endsWith(`--comment "it's" -j NFLOG --nflog-group 1 --nflog-prefix 'a "b" $c'`));
  assertEquals(
    nft,
    `nft 'add rule ip filter INPUT counter log prefix "a '\\''b'\\'' _c" group 1 comment "it'\\''s"'`,
  );
  assertEquals(notes, [
    `nft has no " inside of quotes: the prefix has ' there`,
    "nft takes $ for its own: the prefix has _ there",
  ]);
});

Deno.test("translate() leaves to the shell what the shell fills in", () => {
  const script = '$IPT6 -A "$CHAIN" -d $NET -j LOG --log-prefix "$NAME: "';
  const { iptables, nft, chain } = only(script);
  assertEquals(
    iptables,
    '$IPT6 -A "$CHAIN" -d $NET -j NFLOG --nflog-group 1 --nflog-prefix "$NAME: "',
  );
  assertEquals(
    nft,
    'nft "add rule ip6 filter $CHAIN ip6 daddr $NET counter log prefix \\"$NAME: \\" group 1"',
  );
  assertEquals(chain, []);
});

Deno.test("translate() finds the rules that log in a script, and counts the others", () => {
  const { rules, others, problems } = translate(`#!/bin/sh
IPTABLES=/sbin/iptables
for p in 22 80; do
  if $IPTABLES -C INPUT -j DROP; then $IPTABLES -A INPUT -p tcp --dport $p -j ULOG; fi
done
ebtables -A FORWARD -p IPv4 --log --log-level info --log-prefix br -j DROP
iptables -P INPUT DROP; iptables -N x && iptables -A INPUT -j ACCEPT
iptables -A INPUT -s $(hostname -i) -j ACCEPT
`);
  assertEquals(problems, []);
  assertEquals(others, 3);
  assertEquals(rules.map(({ line }) => line), [4, 6]);
});

Deno.test("translate() reads output of iptables-save followed by ip6tables-save", () => {
  const { rules, others } = translate(`# Generated by iptables-save v1.8.9
*mangle
:PREROUTING ACCEPT [0:0]
[3:180] -A PREROUTING -m comment --comment "a $b" -j LOG --log-prefix "it\\'s "
COMMIT
*filter
-A INPUT -j ACCEPT
COMMIT
# Generated by ip6tables-save v1.8.9
*filter
-A INPUT -j NFLOG --nflog-prefix x
COMMIT
`);
  assertEquals(others, 1);
  assertEquals(rules.map(({ iptables }) => iptables), [
    `iptables -t mangle -A PREROUTING -m comment --comment 'a $b' -j NFLOG --nflog-group 1 ` +
    `--nflog-prefix 'it'\\''s '`,
    "ip6tables -A INPUT -j NFLOG --nflog-group 0 --nflog-prefix x",
  ]);
});

Deno.test("translate() makes ebtables' watchers to one for NFLOG, and keeps the target", () => {
  const { iptables, nft } = only(
    "ebtables -A FORWARD -p IPv4 --ip-proto tcp --ip-dport 22 -s 0:1:2:3:4:5 " +
      "--ulog-nlgroup 2 --ulog-cprange 60 -j DROP",
  );
  assertEquals(
    iptables,
    "ebtables -A FORWARD -p IPv4 --ip-proto tcp --ip-dport 22 -s 0:1:2:3:4:5 --nflog-group 2 " +
      "--nflog-range 60 -j DROP",
  );
  assertEquals(
    nft,
    "nft 'add rule bridge filter FORWARD ether saddr 0:1:2:3:4:5 ether type ip ip protocol tcp " +
      "tcp dport 22 counter log group 2 snaplen 60 drop'",
  );
});

const PROBLEMS: readonly [rule: string, message: string][] = [
  ["-j ULOG --ulog-nlgroup 33", '--ulog-nlgroup must be a number from 1 to 32, not "33"'],
  ["-j ULOG --ulog-qthreshold 51", '--ulog-qthreshold must be a number from 1 to 50, not "51"'],
  ["-j NFLOG --nflog-group x", '--nflog-group must be a number from 0 to 65535, not "x"'],
  [
    "-d $(cat ip) -j LOG",
    "the shell makes a word of it by running a command; put its result into a variable first",
  ],
  ["-j LOG --log-prefix 'x", "the quote ' is not closed"],
];

for (const [rule, message] of PROBLEMS) {
  Deno.test(`translate() refuses ${rule} and names its line`, () => {
    const { problems } = translate(`\niptables -A INPUT ${rule}`);
    assertEquals(problems, [{ line: 2, message }]);
  });
}

Deno.test("printRules() keeps the text of rules within comments", () => {
  const translated = translate(
    `iptables -A INPUT -j LOG --log-level 'a\nreboot' --log-prefix "\nreboot"
iptables -A INPUT -m comment --comment "x \\\nreboot" -m string --string 'y\nreboot' -j LOG
`,
  );
  assertEquals(translated.rules.length, 2);
  const printed = printRules(translated);
  // Inside quotes it is not a command.
  const commands = printed.replaceAll(/'[^']*'|"[^"]*"|#.*/g, "");
  assert(!commands.includes("reboot"), printed);
});

Deno.test("printRules() names the program for what is translated by hand", () => {
  const printed = printRules(translate("$IPT6 -A INPUT -m string -j LOG"));
  assert(printed.includes("\n#   ip6tables-translate -A INPUT -m string -j NFLOG"), printed);
});

Deno.test("translate() notes that nft deletes by handle", () => {
  const { nft, byHand, iptables } = only("iptables -D INPUT -j ULOG");
  assertEquals(iptables, "iptables -D INPUT -j NFLOG --nflog-group 1");
  assertEquals(nft, undefined);
  assertEquals(byHand.length, 1);
});

Deno.test("translate() reads a thousand hostile lines without a throw", () => {
  const parts = ["iptables", "-A", "-j", "ULOG", "!", "'", '"', "$", "\\", "\n", "--ulog-prefix"];
  const more = ["-s", "-p", ",", "/", "\uE000", "$(", "`", "-m", "INPUT", "--log", "-", "--", "="];
  let seed = 1;
  const random = (most: number) => (seed = (seed * 48271) % 0x7fff_ffff) % most;
  for (let round = 0; round < 1000; round++) {
    const words = Array.from({ length: random(20) }, () => [...parts, ...more][random(24)]);
    translate(words.join(random(2) === 0 ? " " : ""));
  }
});

Deno.test("translate() leaves in quotes what stood in quotes, whatever it looks like", () => {
  for (const value of ["-sfoo; touch /tmp/x; :", "-jLOG;id", "--x=;id"]) {
    const { iptables, nft } = only(`iptables -A INPUT -m comment --comment "${value}" -j LOG`);
    assert(iptables!.includes(`--comment "${value}"`), iptables);
    assert(nft === undefined || nft.startsWith("nft '"), nft);
  }
  const { iptables, nft } = only("iptables -A 'x;id' -j LOG");
  assert(iptables!.includes("-A 'x;id'"), iptables);
  assert(nft === undefined || !/^[^']*x;id/.test(nft), nft);
});

Deno.test("translate() translates nothing of a text with the characters it stands for expansions by", () => {
  for (const sign of ["\uE000", "\uE001"]) {
    const { rules, problems } = translate(
      `iptables -A INPUT -j LOG\niptables -A INPUT -j LOG --log-prefix "${sign}(id)"`,
    );
    assertEquals(rules, []);
    assertEquals(problems.map(({ line }) => line), [2]);
  }
});
