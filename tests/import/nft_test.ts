import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { printRules } from "../../src/import/print_rules.ts";
import { translate } from "../../src/import/translate.ts";

const RULESET = `#!/usr/sbin/nft -f
flush ruleset
define LAN = 10.0.0.0/8 # the others' network
table inet filter {
	set blocked { type ipv4_addr; elements = { 192.0.2.1,
		192.0.2.2 } }
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		limit rate 3/minute log prefix "[nftables] INPUT Rejected: " flags all
		tcp dport { 22,
			80 } log prefix "it's { ; #" level warn snaplen 80 drop # handle 12
		ip saddr $LAN counter log group 7 queue-threshold 3; udp dport 53 accept
		ip saddr @blocked \\
			log flags tcp sequence,options flags ip options
	}
	chain log { jump log
	}
}
add rule ip6 nat out position 3 log
insert rule filter input iif "lo" log
`;

Deno.test("translate() reads what nft -f and nft list ruleset have", () => {
  const { rules, problems, others } = translate(RULESET, 5);
  assertEquals(problems, []);
  assertEquals(others, 3);
  assertEquals(rules.map(({ line, nft }) => [line, nft]), [
    [
      10,
      `nft 'add rule inet filter input limit rate 3/minute log prefix "[nftables] INPUT Rejected: " group 5'`,
    ],
    [
      11,
      `nft 'replace rule inet filter input handle 12 tcp dport { 22, 80 } ` +
      `log prefix "it'\\''s { ; #" group 5 snaplen 80 drop'`,
    ],
    [
      13,
      "nft 'add rule inet filter input ip saddr 10.0.0.0/8 counter log group 7 queue-threshold 3'",
    ],
    [14, "nft 'add rule inet filter input ip saddr @blocked log group 5'"],
    [20, "nft 'add rule ip6 nat out position 3 log group 5'"],
    [21, `nft 'insert rule filter input iif "lo" log group 5'`],
  ]);
  assertEquals(rules[0]!.notes, [
    "for the same lines give the logemu output that writes them " +
    'dialect = "kernel" and log_options = ["tcp-sequence", "tcp-options", "ip-options", "uid", "macdecode"]',
    "it is added behind the chain's other rules; in the file, change the line itself to:",
    '  limit rate 3/minute log prefix "[nftables] INPUT Rejected: " group 5',
  ]);
  assertEquals(rules[1]!.notes, ["level warn has no counterpart: a packet has no level"]);
  assert(rules[3]!.notes[0]!.endsWith('["tcp-sequence", "tcp-options", "ip-options"]'));
});

Deno.test("printRules() notes that a rule of nft has no form for iptables", () => {
  const printed = printRules(translate("add rule ip f c log"), "iptables");
  assertEquals(printed, "# add rule ip f c log\n# A rule of nft has no form for iptables.");
});

Deno.test("translate() reports rules that iptables-nft made, and nft cannot express", () => {
  const { problems, rules } = translate(`table ip filter {
	chain INPUT {
		counter packets 0 bytes 0 xt target "LOG"
		meta l4proto tcp counter packets 0 bytes 0 LOG level warn prefix "x"
		xt match "string" accept
	}
}`);
  assertEquals(rules, []);
  assertEquals(problems.map(({ line }) => line), [3, 4]);
  assert(problems[0]!.message.startsWith("iptables-nft made this rule"));
});

Deno.test("translate() reads a thousand damaged texts of nft without a throw", () => {
  let seed = 7;
  const random = (most: number) => (seed = (seed * 48271) % 0x7fff_ffff) % most;
  for (let round = 0; round < 1000; round++) {
    const at = random(RULESET.length);
    translate(RULESET.slice(0, at) + '{}";\n#\\$log'[random(11)] + RULESET.slice(at + random(9)));
  }
});

Deno.test("A loaded rule that logs to a group already stays as it is", () => {
  const listed = `table inet t {
  chain i {
    udp dport 9 log prefix "noise" group 5 drop
    tcp dport 22 log prefix "ssh" reject
  }
}`;
  const [own, other] = translate(listed).rules;
  assertEquals([own?.isUnchanged, other?.isUnchanged], [true, undefined]);
  const printed = printRules(translate(listed));
  assertEquals(printed.match(/^nft .*/gm), [
    `nft 'add rule inet t i tcp dport 22 log prefix "ssh" group 1 reject'`,
  ]);
  assertStringIncludes(printed, "# It logs to this group already: leave it as it is.\n");
});

Deno.test("A saved rule of NFLOG stays as it is, and has a form for nft", () => {
  const saved = "*filter\n-A INPUT -p udp --dport 9 -j NFLOG --nflog-group 5\nCOMMIT\n";
  const printed = printRules(translate(saved), "iptables");
  assertEquals(printed.match(/^[^#\n].*/gm), null, printed);
  assertEquals(printRules(translate(saved), "nft").match(/^nft .*/gm)?.length, 1);
});
