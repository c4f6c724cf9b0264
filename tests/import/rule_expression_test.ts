import { assertEquals } from "@std/assert";
import { ruleExpression } from "../../src/import/rule_expression.ts";
import { translate } from "../../src/import/translate.ts";

/** Returns the expression of the only rule of a text. */
function whereOf(text: string): string | undefined {
  const { rules: [rule] } = translate(text);
  return rule!.where;
}

const IPTABLES: readonly [matches: string, where: string | undefined][] = [
  ["-p tcp --dport 22 -i eth0", "in eth0 and tcp dst port 22"],
  ["-s 10.0.0.0/8 ! -d 10.1.2.3", "src net 10.0.0.0/8 and not dst host 10.1.2.3"],
  ["-s 10.0.0.1,10.0.0.0/24", "src net (10.0.0.1/32 or 10.0.0.0/24)"],
  ["-i eth+ ! -o lo", "in eth* and not out lo"],
  ["-p udp --sport :53", "udp src portrange 0-53"],
  [
    "-p tcp -m multiport --dports 22,80,8000:8100",
    "(tcp dst port (22 or 80) or tcp dst portrange 8000-8100)",
  ],
  ["-p tcp ! --dport 22", "tcp and not tcp dst port 22"],
  ["-p tcp --dport ssh", "tcp dst port ssh"],
  ["-p tcp --syn", "tcp[tcpflags] & (tcp-fin|tcp-syn|tcp-rst|tcp-ack) == tcp-syn"],
  [
    "-p tcp ! --tcp-flags ALL NONE",
    "tcp[tcpflags] & (tcp-fin|tcp-syn|tcp-rst|tcp-push|tcp-ack|tcp-urg) != 0",
  ],
  ["-p icmp --icmp-type echo-request", "icmp[icmptype] = 8"],
  ["-p icmp --icmp-type 3/1", "icmp[icmptype] = 3 and icmp[icmpcode] = 1"],
  ["! -p icmp", "not icmp"],
  ["-p 47", "proto 47"],
  ["-m mark --mark 0x1/0xff", "mark 0x1/0xff"],
  ["-m mark ! --mark 5", "not mark 5"],
  ["-m owner --uid-owner 1000", "uid 1000"],
  ["-m owner ! --gid-owner 5-9", "(gid < 5 or gid > 9)"],
  ["-m comment --comment x -p udp", "udp"],
  ["", undefined],
  ["-m conntrack --ctstate NEW -p tcp", undefined],
  ["-m limit --limit 5/min -p tcp", undefined],
  ["-m string --algo bm --string a -p tcp", undefined],
  ["-m owner --uid-owner root", undefined],
  ["-p tcp --dport $PORT", undefined],
  ["-m iprange --src-range 10.0.0.1-10.0.0.9", undefined],
];

for (const [matches, where] of IPTABLES) {
  Deno.test(`a rule with "${matches}" is said as ${where}`, () => {
    assertEquals(whereOf(`iptables -A INPUT ${matches} -j LOG`), where);
  });
}

const NFT: readonly [family: string, matches: string, where: string | undefined][] = [
  ["inet", `iifname "eth0" tcp dport 22`, "in eth0 and tcp dst port 22"],
  [
    "inet",
    'iifname { eth0, "wan*" } udp dport != { 53, 67-68 }',
    "in (eth0 or wan*) and udp and " +
    "not (udp dst port 53 or udp dst portrange 67-68)",
  ],
  ["inet", "ip saddr != 10.0.0.0/8", "ip and not src net 10.0.0.0/8"],
  ["ip", "ip saddr != 10.0.0.0/8", "not src net 10.0.0.0/8"],
  [
    "inet",
    "ip6 daddr 2001:db8::/32 meta l4proto { tcp, udp }",
    "dst net 2001:db8::/32 and (tcp or udp)",
  ],
  [
    "inet",
    "meta nfproto ipv4 meta mark & 0xff == 0x1 counter packets 5 bytes 400",
    "ip and mark 0x1/0xff",
  ],
  [
    "ip",
    "tcp flags & (fin | syn | rst | ack) == syn",
    "tcp[tcpflags] & (tcp-fin|tcp-syn|tcp-rst|tcp-ack) == tcp-syn",
  ],
  ["inet", "tcp flags & (fin | syn) == syn", undefined],
  [
    "inet",
    "icmpv6 type { echo-request, echo-reply }",
    "(icmp6[icmp6type] = 128 or icmp6[icmp6type] = 129)",
  ],
  ["inet", "meta skuid != 1000", "uid != 1000"],
  // Behind the log statement anything may stand.
  ["inet", `udp dport 53 log prefix "x" group 1 ct state new`, "udp dst port 53"],
  ["inet", "ct state new udp dport 53", undefined],
  ["inet", "tcp dport @ports", undefined],
  ["inet", "tcp dport $ports", undefined],
  ["inet", "tcp dport >= 1024", undefined],
  ["inet", "th dport 53", undefined],
  ["inet", "limit rate 5/second tcp dport 22", undefined],
  ["inet", "ip saddr . tcp dport { 10.0.0.1 . 22 }", undefined],
  ["bridge", "tcp dport 22", undefined],
  ["inet", "{ { {", undefined],
  ["inet", `iifname "a b?\\"`, 'in "a b\\?\\\\"'],
];

for (const [family, matches, where] of NFT) {
  Deno.test(`nft's "${matches}" in ${family} is said as ${where}`, () => {
    assertEquals(ruleExpression(matches, family), where);
  });
}

Deno.test("rules of nft are said as expressions, too", () => {
  assertEquals(
    whereOf(
      `nft add rule inet filter input iifname "eth0" tcp dport { 22, 80 } counter log group 2 drop`,
    ),
    "in eth0 and tcp dst port (22 or 80)",
  );
});
