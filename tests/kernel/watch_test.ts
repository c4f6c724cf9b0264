import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { canRun, deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { CTRL_C, HAS_SCRIPT, onTerminal, screenAfter, start } from "../system/terminal.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { flood, sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

/**
 * Returns the command line of `nfscribe watch` with the rights to use the C library and to read.
 */
function watch(...args: readonly string[]): string[] {
  return deno("--allow-ffi", "--allow-read", `${ROOT}main.ts`, "watch", ...args);
}

Deno.test({
  name: "nfscribe watch writes whole lines into a pipe, of several groups (needs nft)",
  ...needsNft,
  fn: async () => {
    await using _rules = await nft([
      ["output", 'udp dport 9 log prefix "\x1b[31mred " group 951'],
      ["output", "udp dport 10 log group 952"],
    ]);
    await using watching = start(watch("--group", "951", "--group", "952", "--count", "3"));
    await watching.says("nfscribe: watching group 951, 952; Ctrl-C ends it\n");
    sendUdp(2, 30);
    sendUdp(1, 40, 10);
    const { code, stdout, stderr } = await watching.ended();
    assertEquals(code, 0);
    const lines = stdout.trimEnd().split("\n").sort();
    assertEquals(lines.length, 3);
    const [first] = lines.filter((line) => line.endsWith(" group=951"));
    assertMatch(
      first!,
      /^[-\d]+T[:.\d]+Z output out=lo "\\u001b\[31mred " .*127\.0\.0\.1:\d+ > 127\.0\.0\.1:9 UDP length=58 group=951$/,
    );
    assertEquals(lines.filter((line) => line.endsWith("UDP length=68 group=952")).length, 1);
    assertStringIncludes(stderr, "\nnfscribe: received 3, shown 3, lost 0\n");
  },
});

/** Whether this process can create a user namespace, in which the system's limits apply. */
const HAS_LIMITS = canRun("unshare", "--user", "--map-root-user", "--net", "true") &&
  Number(readProcFile("/proc/sys/net/core/rmem_max")) < 8 << 20;

Deno.test({
  name: "nfscribe watch warns of a small receive buffer with its name (needs user namespaces)",
  ignore: !HAS_LIMITS,
  fn: async () => {
    const unshare = ["unshare", "--user", "--map-root-user", "--net"];
    await using watching = start([...unshare, ...watch("--group", "950")]);
    await watching.says("\nnfscribe: watching group 950; Ctrl-C ends it\n");
    watching.kill("SIGINT");
    const { stderr } = await watching.ended();
    assertMatch(stderr, /^nfscribe: The receive buffer is \d+ bytes, not 8388608/);
  },
});

Deno.test({
  name:
    "nfscribe watch --json writes objects, and ends without an error when its reader leaves (needs nft)",
  ...needsNft,
  fn: async () => {
    await using _rules = await nft([["output", 'udp dport 9 log prefix "a b" group 953']]);
    const script = '"$@" | head -n 1';
    await using watching = start(["sh", "-c", script, "sh", ...watch("--group", "953", "--json")]);
    await watching.says("watching group 953");
    sendUdp(1, 30);
    await watching.says("}\n");
    // A writer notices a missing reader with its next write.
    sendUdp(1, 30);
    const { code, stdout, stderr } = await watching.ended();
    assertEquals([code, stderr], [0, "nfscribe: watching group 953; Ctrl-C ends it\n"]);
    const { time, sourcePort, uid: _, gid: __, ip, udp, ...object } = JSON.parse(stdout);
    assert(Date.parse(time) > 0 && sourcePort > 0);
    assertEquals([ip.version, ip.totalLength, udp.length], [4, 58, 38]);
    assertEquals(object, {
      type: "packet",
      version: 1,
      seq: 0,
      etherType: 0x0800,
      hook: "output",
      out: "lo",
      prefix: "a b",
      source: "127.0.0.1",
      destination: "127.0.0.1",
      destinationPort: 9,
      protocol: "UDP",
      length: 58,
      group: 953,
    });
  },
});

Deno.test({
  name: "nfscribe watch names the holder of a group, and a remedy (needs nft)",
  ...needsNft,
  fn: async () => {
    await using holder = start(watch("--group", "954"));
    await holder.says("watching group 954");
    const { code, stdout, stderr } = await run(watch("--group", "954"));
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "Cannot bind NFLOG group 954: ");
    assertStringIncludes(stderr, "let the rule log to a second group, too");
    holder.kill("SIGTERM");
    assertEquals((await holder.ended()).code, 0);
  },
});

Deno.test({
  name: "nfscribe watch --stats counts by group, prefix, port and address (needs nft)",
  ...needsNft,
  fn: async () => {
    await using _rules = await nft([
      ["output", 'udp dport 9 log prefix "nine " group 955'],
      ["output", "udp dport 10 log group 955"],
    ]);
    await using watching = start(
      watch("--group", "955", "--stats", "--json", "--count", "30"),
    );
    await watching.says("watching group 955");
    sendUdp(20, 72);
    sendUdp(10, 72, 10);
    const { code, stdout, stderr } = await watching.ended();
    assertEquals(code, 0);
    assertStringIncludes(stderr, "nfscribe: received 30, lost 0\n");
    const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    assertEquals([last.packets, last.bytes, last.lost], [30, 3000, 0]);
    const keys = (rows: { key: string }[]) => rows.map(({ key }) => key);
    assertEquals(keys(last.groups), ["955"]);
    assertEquals(keys(last.prefixes), ["nine ", ""]);
    assertEquals(keys(last.ports), ["udp/9", "udp/10"]);
    assertEquals(keys(last.addresses), ["127.0.0.1"]);
    assert(last.ports[0].packets > last.ports[1].packets);
  },
});

Deno.test({
  name: "nfscribe watch --filter shows what a filter would pass and where to (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    const script = `${folder.path}/filter.ts`;
    await Deno.writeTextFile(
      script,
      `export default ({ originalLength }) => {
         if (originalLength === 58) throw new Error("thirty \\x1b[2J");
         if (originalLength === 59) console.log("thirty-one \\x1b[2J");
         return originalLength === 60 ? ["pcap", "db"] : undefined;
       };`,
    );
    await using _rules = await nft([["output", "udp dport 9 log group 956"]]);
    await using watching = start(
      watch("--group", "956", "--filter", script, "--outputs", "pcap,db", "--copy-range", "100"),
    );
    await watching.says("watching group 956");
    for (const size of [29, 30, 31, 32]) sendUdp(1, size);
    await watching.says("outputs=pcap,db\n");
    await watching.says("thirty-one");
    watching.kill("SIGINT");
    const { code, stdout, stderr } = await watching.ended();
    assertEquals(code, 0);
    const [first, second, ...none] = stdout.trimEnd().split("\n");
    assertEquals(none, []);
    assertMatch(
      first!,
      /length=58 outputs=pcap,db failed: Error: thirty \\u001b\[2J \(.*:2:\d+\)$/,
    );
    assertMatch(second!, /length=60 outputs=pcap,db$/);
    assertStringIncludes(stderr, "nfscribe: filter: thirty-one ");
    assert(!stderr.includes("\x1b"), stderr);
    assertStringIncludes(stderr, "received 4, shown 2, dropped 2, failed 1, lost 0\n");
  },
});

Deno.test({
  name: "nfscribe watch --filter --json has what the filter did beside the packet (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    const script = `${folder.path}/filter.ts`;
    await Deno.writeTextFile(
      script,
      `import type { JsonObject, Packet } from "nfscribe/packet";
       export default (packet: Packet, context: { attach(fields: JsonObject): void }) => {
         context.attach({ big: 12345678901234567890n as never, text: "\\x9b" });
         if (packet.originalLength === 58) throw new Error("thirty \\x1b[2J");
         return "pcap";
       };`,
    );
    await using _rules = await nft([["output", "udp dport 9 log group 959"]]);
    const filtering = ["--group", "959", "--filter", script, "--json", "--count", "2"];
    await using watching = start(watch(...filtering));
    await watching.says("watching group 959");
    for (const size of [30, 31]) sendUdp(1, size);
    const { code, stdout, stderr } = await watching.ended();
    assertEquals(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert(
      lines[1]!.endsWith(',"attached":{"big":12345678901234567890,"text":"\\u009b"}}'),
      stdout,
    );
    const [first, second] = lines.map((line) => JSON.parse(line));
    assertMatch(
      first.error.replace("\x1b", "ESC"),
      /^Error: thirty ESC\[2J \(.*filter\.ts:4:\d+\)$/,
    );
    assertEquals(
      [first, second].map((
        { type, outputs, destinationPort, ip },
      ) => [type, outputs, destinationPort, ip.totalLength]),
      [["packet", ["pcap", "logemu"], 9, 58], ["packet", ["pcap"], 9, 59]],
    );
  },
});

Deno.test({
  name: "nfscribe watch --filter takes a changed script at once (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    const script = `${folder.path}/filter.ts`;
    await Deno.writeTextFile(script, `export default () => "pcap";`);
    await using _rules = await nft([["output", "udp dport 9 log group 950"]]);
    await using watching = start(watch("--group", "950", "--filter", script));
    await watching.says("watching group 950");
    sendUdp(1);
    await watching.says("outputs=pcap\n");
    await Deno.writeTextFile(script, `export default () => "logemu";`);
    await watching.says("replaced by its new version");
    sendUdp(1);
    await watching.says("outputs=logemu\n");
    watching.kill("SIGINT");
    const { code, stderr } = await watching.ended();
    assertEquals(code, 0);
    assertStringIncludes(stderr, "received 2, shown 2, dropped 0, lost 0\n");
  },
});

Deno.test({
  name: "nfscribe watch on a terminal is coloured and cut to its width (needs nft, script)",
  ignore: !HAS_NFT || !HAS_SCRIPT,
  fn: async () => {
    await using _rules = await nft([["output", 'udp dport 9 log prefix "nine " group 957']]);
    await using watching = start(onTerminal(watch("--group", "957")));
    await watching.says("watching group 957");
    sendUdp(1, 30);
    await watching.says("nine");
    await watching.type(CTRL_C);
    const { code, stdout } = await watching.ended();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "\x1b[33mnine \x1b[0m");
    assert(stdout.endsWith("\r\x1b[Knfscribe: received 1, shown 1, lost 0\r\n"), stdout);
    const { lines, scrolled } = screenAfter(stdout, [80, 24]);
    assertEquals(scrolled, []);
    assertEquals(lines[0], "nfscribe: watching group 957; Ctrl-C ends it");
    assertMatch(lines[1]!, /^[\d:]+ >lo 127\.0\.0\.1:\d+ > 127\.0\.0\.1:9 +UDP +58 nine uid=/);
  },
});

Deno.test({
  name:
    "A blocked terminal does not slow the capture: further lines are counted (needs nft, script)",
  ignore: !HAS_NFT || !HAS_SCRIPT,
  fn: async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 958"]]);
    await using watching = start(onTerminal(watch("--group", "958")), { reads: false });
    await until("group 958 is bound", async () => await queueOf(958) !== undefined);
    await flood(20_000);
    await until("all is received", async () => await queueOf(958) === 0 && await received());
    await watching.type(CTRL_C);
    const { code, stdout } = await watching.ended();
    assertEquals(code, 0);
    const [, shown, skipped] =
      /received 20,000, shown ([\d,]+), not shown ([\d,]+), lost 0/.exec(stdout) ?? [stdout];
    const [a, b] = [shown, skipped].map((text) => Number(text?.replaceAll(",", "")));
    assertEquals(a! + b!, 20_000);
    assert(b! > 5000, stdout.slice(-200));
  },
});

/**
 * Returns the number of packets that the kernel has collected for a group; undefined if it is not
 * bound.
 */
async function queueOf(group: number): Promise<number | undefined> {
  const table = await must(["cat", "/proc/net/netfilter/nfnetlink_log"]);
  const rows = table.trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return rows.find(([number]) => number === group)?.[2];
}

/** Returns whether all netlink sockets of netfilter are empty. */
async function received(): Promise<boolean> {
  const [, ...rows] = (await must(["cat", "/proc/net/netlink"])).trim().split("\n");
  return rows.map((row) => row.trim().split(/\s+/))
    .every(([, protocol, , , queued]) => protocol !== "12" || queued === "0");
}
