import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Packet } from "nfscribe";
import { readProcFile } from "../../ffi/proc_file.ts";
import { SHARD_FAMILIES, shardRules } from "../../src/import/shards.ts";
import { translate, type Translation } from "../../src/import/translate.ts";
import { canRun, deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";
import { startNfscribeWith } from "./nfscribe.ts";
import { cleaned, shell, takeAllOf, traffic } from "./rules_traffic.ts";
import { captureSoon, sendUdp, take } from "./traffic.ts";

const needsBoth = { ignore: !HAS_NFT || !HAS_IPTABLES };
const needsNft = { ignore: !HAS_NFT };
/** Only root of the initial user namespace may list the tables. */
const needsSave = { ignore: !HAS_NFT || !canRun("iptables-legacy-save") };
/** A user namespace with one user lacks this range. */
const HAS_ALL_USERS = canRun("sh", "-c", 'grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map');

/** Returns the logged properties of a packet, without its time. */
function facts(
  { prefix, hook, inDev, outDev, payload, family }: Packet,
): unknown {
  const names = [inDev?.name, outDev?.name];
  return { prefix, hook, names, family, length: payload?.length, payload: payload?.slice(0, 40) };
}

/** Rules without program and target, and the number of packets of `traffic()` that each logs. */
const RULES: readonly [rule: string, packets: number][] = [
  ["iptables -I OUTPUT -d 127.0.0.1 -p udp --dport 9:10", 4],
  ["iptables -A OUTPUT ! -d 10.0.0.0/255.0.0.0 -p udp -m multiport --dports 9,11:12", 4],
  ["iptables -A OUTPUT -d 10.0.0.0/8", 0],
  ["iptables -A OUTPUT -s 127.0.0.1,10.0.0.1 -p 17 --sport 1024:", 6],
  ["iptables -A OUTPUT -p tcp --syn", 1],
  ["iptables -A OUTPUT -p tcp ! --syn", 1],
  ["iptables -A OUTPUT -p tcp --tcp-flags ALL RST,ACK", 1],
  ["iptables -A OUTPUT -p tcp ! --dport 9", 1],
  ["iptables -A OUTPUT ! -p udp ! -o eth+", 8],
  ["iptables -A OUTPUT -p icmp --icmp-type port-unreachable", 6],
  ["iptables -A OUTPUT -p icmp ! --icmp-type echo-request", 6],
  ["iptables -A OUTPUT -m conntrack --ctstate NEW -p udp", 6],
  ["iptables -A OUTPUT -m state ! --state NEW,INVALID", 7],
  ["iptables -A OUTPUT -m state --state RELATED,ESTABLISHED", 7],
  ["iptables -A INPUT -i l+ -p udp -m mark --mark 0/0xff", 6],
  ["iptables -A INPUT -p udp -m mark ! --mark 0", 0],
  ["iptables -A OUTPUT -p udp -m owner --uid-owner 0-4294967294", 6],
  ["iptables -A OUTPUT -p udp -m limit --limit 1/hour --limit-burst 2 -d 127.0.0.1 --dport 9", 2],
  // The limit comes before the port: packets to port 9 have used it up.
  ["iptables -A OUTPUT -p udp -m limit --limit 1/hour --limit-burst 2 --dport 10", 0],
  ["iptables -A OUTPUT -p udp --dport 10 -m limit --limit 1/hour --limit-burst 1", 1],
  ["iptables -A OUTPUT -p udp -m comment --comment 'it is # a; comment' --dport 9", 2],
  ["iptables -A INPUT -m mac --mac-source 00:00:00:00:00:00", 0],
  ["iptables -A INPUT -m addrtype --dst-type LOCAL,BROADCAST -p tcp", 2],
  ["iptables -A INPUT -m iprange --src-range 127.0.0.0-127.0.0.9 -p tcp", 2],
  ["iptables -A OUTPUT -f", 0],
  ["iptables -t mangle -A PREROUTING -p tcp", 2],
  ["iptables -t raw -I OUTPUT 1 -p tcp", 2],
  ["ip6tables -A OUTPUT -d ::1/128 -p udp --dport 9", 1],
  ["ip6tables -A OUTPUT -p icmpv6 --icmpv6-type port-unreachable", 1],
  ["ip6tables -A INPUT ! -s fe80::/10 -i lo", 2],
];

/** Translates a rule that logs with ULOG, or with NFLOG in a family that ULOG lacks. */
function logging(rule: string, group: number, target: string): Translation {
  const options = target === "ULOG"
    ? `--ulog-nlgroup ${group} --ulog-cprange 50 --ulog-prefix "it's %d: " --ulog-qthreshold 1`
    : target === "NFLOG"
    ? `--nflog-group ${group} --nflog-size 50 --nflog-prefix "it's %d: "`
    : `--log-prefix "it's %d: " --log-level 4`;
  const { rules, problems } = translate(`${rule} -j ${target} ${options}`, group);
  assertEquals(problems, []);
  return rules[0]!;
}

for (const [index, [rule, count]] of RULES.entries()) {
  const targets = rule.startsWith("ip6") ? ["NFLOG", "LOG"] : ["ULOG", "NFLOG", "LOG"];
  const target = targets[index % targets.length]!;
  Deno.test(
    `${rule} -j ${target} logs the same packets for iptables and for nft (needs both)`,
    { ignore: needsBoth.ignore || (rule.includes("--uid-owner 0-") && !HAS_ALL_USERS) },
    async () => {
      await using _cleaned = cleaned;
      const [first, second] = [21, 22].map((group) => logging(rule, group, target));
      await shell(first!.iptables!, ...second!.chain, second!.nft!);
      const captures = await Promise.all([21, 22].map((group) => captureSoon({ group })));
      await traffic();
      const [old, now] = await Promise.all(captures.map((one) => takeAllOf(one)));
      assertEquals(now!.map(facts), old!.map(facts));
      assertEquals(old!.length, count);
      for (const { prefix, payload } of old!) {
        assertEquals(prefix, "it's %d: ");
        assert(target === "LOG" || payload!.length <= 50);
      }
    },
  );
}

Deno.test(
  "ebtables and nft accept the rules for bridges (needs ebtables and nft)",
  { ignore: !HAS_NFT || !canRun("ebtables", "-L") },
  async () => {
    await using _cleaned = cleaned;
    const { rules } = translate(
      "ebtables -A FORWARD -p IPv4 --ip-proto udp --ip-dport 53 -i e+ -s 02:00:00:00:00:01 " +
        "--ulog-nlgroup 2 --ulog-prefix 'a b' --ulog-qthreshold 3 -j ACCEPT",
    );
    const [{ iptables, chain, nft }] = rules as [Translation];
    await shell(iptables!);
    assertStringIncludes(await must(["ebtables", "-L", "FORWARD"]), '--nflog-prefix "a b"');
    await shell("nft flush ruleset", ...chain, nft!);
    const listed = await must(["nft", "list", "chain", "bridge", "filter", "FORWARD"]);
    assertStringIncludes(listed, 'log prefix "a b" group 2 queue-threshold 3 accept');
  },
);

Deno.test(
  "a prefix of the longest length in each form arrives (needs nft and iptables)",
  needsBoth,
  async () => {
    await using _cleaned = cleaned;
    const long = "x".repeat(130);
    const programs = ["iptables-legacy", "iptables", "iptables-nft"];
    const [legacy, nft, iptablesNft] = programs.map((program, index) =>
      translate(
        `${program} -A OUTPUT -p udp --dport 9 -j NFLOG --nflog-group ${23 + index} ` +
          `--nflog-prefix ${long}`,
      ).rules[0]!
    );
    await shell(legacy!.iptables!, ...nft!.chain, nft!.nft!, iptablesNft!.iptables!);
    const captures = await Promise.all([23, 24, 25].map((group) => captureSoon({ group })));
    sendUdp();
    const taken = await Promise.all(captures.map((one) => takeAllOf(one)));
    assertEquals(taken.map(([packet]) => packet?.prefix?.length), [63, 127, 127]);
  },
);

Deno.test(
  "rules of iptables-save, translated and run by a shell, log to NFLOG (needs both, and root)",
  needsSave,
  async () => {
    await using _cleaned = cleaned;
    await shell(
      `iptables -A OUTPUT -p udp --dport 9 -m comment --comment 'a $b "c" it'\\''s' ` +
        `-j LOG --log-prefix 'D $x "y"\\: '`,
    );
    const saved = await must(["iptables-legacy-save"]);
    await shell("iptables -F");
    const program = (form: string) =>
      deno(`${ROOT}main.ts`, "rules", "--from", "-", "--to", form, "--group", "25");
    for (const [form, prefix] of [["iptables", 'D $x "y"\\: '], ["nft", "D _x 'y'\\: "]] as const) {
      const script = await must(program(form), saved);
      await shell("nft add table ip filter", OUTPUT_CHAIN, script);
      await using packets = await captureSoon({ group: 25 });
      sendUdp();
      const [packet] = await take(packets, 1);
      assertEquals(packet!.prefix, prefix);
      await shell("iptables -F", "nft flush ruleset");
    }
  },
);

const OUTPUT_CHAIN =
  "nft 'add chain ip filter OUTPUT { type filter hook output priority filter; }'";

/** Sends five segments in each direction of some connections. */
async function exchangeSegments(connections: number): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  for (let i = 0; i < connections; i++) {
    using client = await Deno.connect({ hostname: "127.0.0.1", port });
    using server = await listener.accept();
    for (let piece = 0; piece < 5; piece++) {
      for (const [from, to] of [[client, server], [server, client]] as const) {
        await from.write(new Uint8Array([piece]));
        await to.read(new Uint8Array(1));
      }
    }
  }
}

Deno.test(
  "nfscribe rules --shards: both directions of a connection are in one group, in order, and all groups are used (needs nft)",
  needsNft,
  async () => {
    await using _cleaned = cleaned;
    const first = 31;
    const printed = await must(
      deno(`${ROOT}main.ts`, "rules", "--shards", "4", "--group", String(first)),
    );
    for (let i = 0; i < 2; i++) await must(["nft", "-f", "-"], printed);
    const groups = [0, 1, 2, 3].map((shard) => first + shard);
    const captures = await Promise.all(groups.map((group) => captureSoon({ group })));
    await exchangeSegments(40);
    const taken = await Promise.all(captures.map((one) => takeAllOf(one, 3000)));
    const shardOf = new Map<number, number>();
    const last = new Map<string, number>();
    let packets = 0;
    for (
      const [shard, packet] of taken.flatMap((all, shard) => all.map((p) => [shard, p] as const))
    ) {
      const { tcp, hook } = packet;
      if (tcp === undefined) continue;
      packets++;
      const client = Math.max(tcp.sourcePort, tcp.destinationPort) === tcp.sourcePort
        ? tcp.sourcePort * 65536 + tcp.destinationPort
        : tcp.destinationPort * 65536 + tcp.sourcePort;
      assertEquals(shardOf.get(client) ?? shard, shard, "one group for both directions");
      shardOf.set(client, shard);
      const direction = `${tcp.sourcePort} ${tcp.destinationPort} ${hook}`;
      const { sequenceNumber } = tcp;
      const before = last.get(direction) ?? sequenceNumber;
      assert(((sequenceNumber - before) | 0) >= 0, "in order");
      last.set(direction, sequenceNumber);
    }
    assertEquals(shardOf.size, 40);
    assertEquals(new Set(shardOf.values()).size, 4, "all groups");
    assert(packets >= 40 * (3 + 10) * 2, "input and output both log");
  },
);

for (const family of SHARD_FAMILIES) {
  Deno.test(`nft accepts the shards of the family ${family} (needs nft)`, needsNft, async () => {
    await using _cleaned = cleaned;
    await must(["nft", "-f", "-"], shardRules({ shards: 16, group: 100, family }));
    const listed = await must(["nft", "list", "ruleset"]);
    assertStringIncludes(listed, "log group 115");
  });
}

Deno.test(
  "an imported configuration of ulogd writes to the outputs of its stacks (needs nft)",
  needsNft,
  async () => {
    await using _cleaned = cleaned;
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/ulogd.conf`,
      `[global]
stack=log1:NFLOG,base1:BASE,print1:PRINTPKT,emu1:LOGEMU
stack=log2:NFLOG,base1:BASE,print1:PRINTPKT,emu1:LOGEMU
stack=log2:NFLOG,base1:BASE,pcap1:PCAP
[log1]
group=41
[log2]
group=42
netlink_qtimeout=1
[emu1]
file="${path}/emu.log"
sync=1
[pcap1]
file="${path}/all.pcap"
`,
    );
    const conf = `${path}/ulogd.conf`;
    const toml = await must(deno(`--allow-read=${conf}`, `${ROOT}main.ts`, "import", conf));
    const own = toml.replace("/run/nfscribe/stats.sock", `${path}/stats.sock`);
    await Deno.writeTextFile(`${path}/nfscribe.toml`, `${own}[log]\nformat = "json"\n`);
    await using running = await startNfscribeWith(["--allow-net"], "-c", `${path}/nfscribe.toml`);
    await shell(
      "nft add table ip filter",
      OUTPUT_CHAIN,
      `nft 'add rule ip filter OUTPUT udp dport 9 log prefix "one" group 41'`,
      `nft 'add rule ip filter OUTPUT udp dport 10 log prefix "two" group 42'`,
    );
    sendUdp(3, 10, 9);
    sendUdp(2, 10, 10);
    await until("the lines", async () => {
      const text = await Deno.readTextFile(`${path}/emu.log`).catch(() => "");
      return text.split("\n").length === 6;
    });
    running.kill("SIGTERM");
    const { counters } = await running.ended();
    assertEquals(counters.outputs.emu1!.written, 5);
    assertEquals(counters.outputs.pcap1!.written, 2);
  },
);

Deno.test("the kernel has the loggers that an import names", async () => {
  for (const family of [2, 10]) {
    assert(await readProcFile(`/proc/sys/net/netfilter/nf_log/${family}`) !== undefined);
  }
});
