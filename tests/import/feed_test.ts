import { assertEquals, assertThrows } from "@std/assert";
import { type Feed, iptablesFeed, isNftScript, nftFeed } from "../../src/import/feed.ts";
import { feedMatch } from "../../src/import/feed_match.ts";

const FEED: Feed = { target: "NFLOG", group: 1, copyRange: 100 };
const OPTIONS = { hooks: ["input"], match: feedMatch("tcp dport 22"), remove: false } as const;

const PROGRAMS = ["iptables", "ip6tables"] as const;
const MATCHES: readonly [text: string, nft: string | undefined, iptables: string | undefined][] = [
  ["all", "", ""],
  ["ct state new", "ct state new", "-m conntrack --ctstate NEW"],
  ["tcp dport 22", "tcp dport 22", "-p tcp --dport 22"],
  ["udp sport 1000-2000", "udp sport 1000-2000", "-p udp --sport 1000:2000"],
  [
    "tcp dport { 22, 80-90 }",
    "tcp dport { 22, 80-90 }",
    "-p tcp -m multiport --dports 22,80:90",
  ],
  ["iifname eth0 ip ttl 1", "iifname eth0 ip ttl 1", undefined],
  ["-p tcp --dport 22", "meta l4proto tcp tcp dport 22", "-p tcp --dport 22"],
  ["! -i lo", 'iifname != "lo"', "! -i lo"],
  ["-m string --string x", undefined, "-m string --string x"],
];

for (const [text, nft, iptables] of MATCHES) {
  Deno.test(`--match ${text} is converted for nft and for iptables where possible`, () => {
    const match = feedMatch(text);
    assertEquals([match.nft, match.iptables, match.programs], [nft, iptables, PROGRAMS]);
  });
}

Deno.test("A match of one family is for its program only", () => {
  const programs = (text: string) => feedMatch(text).programs;
  for (const text of ["-s 10.0.0.0/8", "-p icmp", "-p tcp -d 192.0.2.1"]) {
    assertEquals(programs(text), ["iptables"], text);
  }
  for (const text of ["-s 2001:db8::/32", "-p icmpv6", "-p ipv6-icmp"]) {
    assertEquals(programs(text), ["ip6tables"], text);
  }
});

for (
  const text of [
    "-j DROP",
    "-A FOO",
    "-p tcp; rm x",
    "--",
    "-p tcp\n-j DROP",
    "-p 'tcp",
    "-p tcp | sh",
  ]
) {
  Deno.test(`--match ${JSON.stringify(text)} is no match`, () => {
    assertThrows(() => feedMatch(text), SyntaxError);
  });
}

Deno.test("Rules keep what the source does: group, copy range, threshold", () => {
  const feed = { ...FEED, queueThreshold: 100_000 };
  const nft = nftFeed([feed], OPTIONS).split("\n");
  assertEquals(nft.slice(0, 3), [
    "add table inet nfscribe",
    "delete table inet nfscribe",
    "table inet nfscribe {",
  ]);
  assertEquals(
    nft[5],
    '    tcp dport 22 counter log prefix "input" group 1 snaplen 100 queue-threshold 65535',
  );
  const rule = "-I INPUT -p tcp --dport 22 -j NFLOG --nflog-group 1 --nflog-prefix input" +
    " --nflog-size 100 --nflog-threshold 65535";
  assertEquals(iptablesFeed([feed], OPTIONS), `iptables ${rule}\nip6tables ${rule}`);
});

Deno.test("ULOG is for iptables alone, and its prefix is short", () => {
  const feed = { target: "ULOG", group: 3, copyRange: 60 } as const;
  const options = { ...OPTIONS, prefix: "x".repeat(40) };
  assertEquals(nftFeed([feed], options), "");
  assertEquals(
    iptablesFeed([feed], options),
    `iptables -I INPUT -p tcp --dport 22 -j ULOG --ulog-nlgroup 3 --ulog-prefix ${"x".repeat(31)}` +
      " --ulog-cprange 60 --ulog-qthreshold 50",
  );
});

Deno.test("A prefix is quoted for the shell", () => {
  const [line] = iptablesFeed([FEED], { ...OPTIONS, prefix: "it's `a`" }).split("\n");
  assertEquals(line!.includes(`--nflog-prefix 'it'\\''s \`a\`' `), true, line);
});

Deno.test("Rules of other network namespaces are commands that enter them", () => {
  const within = (netns: string | number) =>
    iptablesFeed([{ ...FEED, netns }], OPTIONS).split(" iptables")[0];
  assertEquals(within("/run/netns/blue"), "ip netns exec blue");
  assertEquals(within("/var/run/netns/blue"), "ip netns exec blue");
  assertEquals(within(77), "nsenter --net=/proc/77/ns/net");
  assertEquals(within("/tmp/a b"), "nsenter '--net=/tmp/a b'");
  const feeds = [FEED, { ...FEED, group: 2, netns: "/run/netns/blue" }];
  assertEquals([isNftScript([FEED]), isNftScript(feeds)], [false, true]);
  const script = nftFeed(feeds, OPTIONS).split("\n").filter((line) => /<<|END|group/.test(line));
  assertEquals(script.map((line) => line.trim()), [
    "nft -f - <<'END'",
    'tcp dport 22 counter log prefix "input" group 1 snaplen 100',
    "END",
    "ip netns exec blue nft -f - <<'END'",
    'tcp dport 22 counter log prefix "input" group 2 snaplen 100',
    "END",
  ]);
});
