import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { conntrack } from "nfscribe";
import type { Finding } from "../../src/finding.ts";
import { FlowMaker } from "../ffi/flow_maker.ts";
import { deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { start } from "../system/terminal.ts";
import { messages } from "./filters.ts";
import { endFlows, flowsIn, HAS_CONNTRACK, track, writeFlowConfig } from "./flows.ts";
import { countRecords, startNfscribe } from "./nfscribe.ts";
import { HAS_NFT } from "./firewall.ts";
import { sendUdp } from "./traffic.ts";

const NEEDS = HAS_CONNTRACK ? "" : " (needs nft and conntrack)";
const ACCT = "net.netfilter.nf_conntrack_acct";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${NEEDS}`, ignore: !HAS_CONNTRACK, fn });
}

test("nfscribe run writes flows and packets to the outputs that accept them", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  await must(["nft", "-f", "-"], LOG_RULE);
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(
    file,
    `events = ["new", "destroy"]\n[[source]]\ntype = "nflog"\ngroup = 981`,
    `[output.pcap]\npath = "t.pcap"\n`,
  );
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  maker.make(500);
  sendUdp(20);
  await endFlows();
  await until(
    "all flows are written",
    async () => (await flowsIn(`${folder.path}/flows.json`)).length >= 1002 + 20,
  );
  nfscribe.kill("SIGTERM");
  const { code, counters, stderr } = await nfscribe.ended();
  assertEquals(code, 0, stderr);
  const { conntrack: flows, "nflog:981": packets } = counters.sources;
  assertEquals([flows?.received, flows?.lost, packets?.received], [1002, 0, 20], stderr);
  assertEquals(counters.outputs.json?.written, 1022);
  assertEquals([counters.outputs.pcap?.written, counters.outputs.pcap?.failed], [20, 0]);
  assertEquals(await countRecords(`${folder.path}/t.pcap`), 20);
  const written = (await flowsIn(`${folder.path}/flows.json`)).filter(({ type }) =>
    type === "flow"
  );
  for (const event of ["new", "destroy"] as const) {
    const ports = written.filter((flow) => flow.event === event)
      .map(({ original }) => original.destinationPort!);
    // All went to port 9 that were not made on purpose.
    const made = ports.filter((port) => port !== 9).sort((a, b) => a - b);
    assertEquals(made, Array.from({ length: 500 }, (_, n) => 10_000 + n));
  }
  const ended = written.find(({ event, mark }) => event === "destroy" && mark === 0x1234);
  assertEquals([ended?.original.packets, ended?.reply?.packets], [20, 0]);
  assert(ended?.start !== undefined && ended.duration !== undefined);
});

/** Logs packets to port 9. */
const LOG_RULE = `table inet logged {
  chain output {
    type filter hook output priority 0
    udp dport 9 log group 981
  }
}
`;

test("received and lost are all flows, also where nfscribe is stopped meanwhile", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, `events = ["new"]\nbuffer_size = 262144`);
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  for (let round = 0; round < 3; round++) {
    nfscribe.kill("SIGSTOP");
    maker.make(5000);
    nfscribe.kill("SIGCONT");
    maker.make(1000);
  }
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  const { received, lost } = counters.sources.conntrack!;
  assertEquals(received + lost, maker.made, stderr);
  assertGreater(lost, 0);
  assertEquals((await flowsIn(`${folder.path}/flows.json`)).length, received);
});

test("a filter's function for flows decides about them, and packets pass without one", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    `${folder.path}/filter.ts`,
    `import type { FlowFilter } from "nfscribe";
export const flow: FlowFilter = (flow, context) => {
  if (flow.destinationPort === 10_001) throw new Error("no");
  if (flow.destinationPort === 10_002) return "pcap";
  if (flow.destinationPort === 10_003) return false;
  context.attach({ port: flow.destinationPort, kept: flow.copy().event });
  return true;
};
`,
  );
  await writeFlowConfig(
    file,
    'events = ["new"]',
    `[output.pcap]\npath = "t.pcap"\n[filter]\nscript = "filter.ts"\non_error = "drop"\n`,
  );
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  maker.make(10);
  await until(
    "all are written",
    async () => (await flowsIn(`${folder.path}/flows.json`)).length === 7,
  );
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  const { passed, dropped, failed } = counters.filter;
  assertEquals({ passed, dropped, failed }, { passed: 8, dropped: 1, failed: 1 }, stderr);
  assertEquals([counters.outputs.pcap?.failed, counters.outputs.json?.written], [1, 7]);
  assertStringIncludes(stderr, "A flow has no place in a pcap output");
  const [first] = await flowsIn(`${folder.path}/flows.json`);
  assertEquals(first?.extra, { port: 10_000, kept: "new" });
});

test("a reload takes other events from the same socket, and loses none", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, 'events = ["new"]');
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  maker.make(100);
  await writeFlowConfig(file, 'events = ["new", "destroy"]');
  nfscribe.kill("SIGHUP");
  maker.make(100);
  await until(
    "it is replaced",
    () => messages(nfscribe.said).includes("The configuration was replaced"),
  );
  await endFlows();
  await until(
    "all are written",
    async () => (await flowsIn(`${folder.path}/flows.json`)).length === 400,
  );
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  assertEquals(
    [counters.sources.conntrack?.received, counters.sources.conntrack?.lost],
    [400, 0],
    stderr,
  );
});

test("flows that go on get interim records", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, "interim_seconds = 1");
  await using _nfscribe = await startNfscribe("-c", file);
  sendUdp(5);
  const written = () => flowsIn(`${folder.path}/flows.json`);
  await until("two records", async () => (await written()).length >= 2);
  const [first, second] = await written();
  for (const flow of [first, second]) {
    assertEquals([flow?.event, flow?.original.packets, flow?.end], ["interim", 5, undefined]);
  }
  assertEquals(first?.id, second?.id);
});

test("flows whose end is lost are inferred, and each flow has one end", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  using before = new FlowMaker();
  before.make(10);
  await writeFlowConfig(file, "reconcile = true\nbuffer_size = 1048576");
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  for (let made = 0; made < 5000; made += 500) {
    maker.make(500);
    // The buffer holds that many.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  nfscribe.kill("SIGSTOP");
  await endFlows();
  nfscribe.kill("SIGCONT");
  const ends = async () =>
    (await flowsIn(`${folder.path}/flows.json`)).map(({ event, original }) =>
      [event, `${original.sourcePort}:${original.destinationPort}`] as const
    );
  await until("every flow has its end", async () => (await ends()).length >= 5010);
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  const all = await ends();
  assertEquals(all.length, 5010);
  assertGreater(all.filter(([event]) => event === "inferred").length, 0, stderr);
  assertEquals(new Set(all.map(([, ports]) => ports)).size, all.length);
  assertGreater(counters.sources.conntrack!.lost, 0);
});

test("what takes rights for good is refused beside a user", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, "interim_seconds = 60");
  await Deno.writeTextFile(file, `user = "nobody"\n${await Deno.readTextFile(file)}`);
  const { code, stderr } = await run(deno("-A", `${ROOT}main.ts`, "check", "-c", file));
  assertEquals(code, 2);
  assertStringIncludes(stderr, "source[0].interim_seconds: takes CAP_NET_ADMIN as long as");
});

test("settings that are off are warned of, and doctor names them", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, "");
  await must(["sysctl", "-qw", `${ACCT}=0`]);
  {
    await using nfscribe = await startNfscribe("-c", file);
    assertStringIncludes(nfscribe.said, `${ACCT} is 0: flows have no packets and bytes`);
  }
  const { code, stdout } = await run(deno("-A", `${ROOT}main.ts`, "doctor", "--json", "-c", file));
  assertEquals(code, 1);
  const { checks } = JSON.parse(stdout) as { checks: Finding[] };
  const toFix = checks.filter(({ state }) => state === "fix");
  assertEquals(toFix.map(({ commands }) => commands), [[`sysctl -w ${ACCT}=1`]]);
  await must(["sysctl", "-qw", `${ACCT}=1`]);
});

test("nfscribe watch shows flows", async () => {
  await using _tracked = await track();
  await using watching = start(
    deno("--allow-ffi", `${ROOT}main.ts`, "watch", "--conntrack", "new,destroy", "--count", "2"),
  );
  await watching.says("nfscribe: watching connection tracking; Ctrl-C ends it\n");
  sendUdp(1);
  await endFlows();
  const { code, stdout, stderr } = await watching.ended();
  assertEquals(code, 0, stderr);
  const [first, second] = stdout.split("\n");
  const flow = /127\.0\.0\.1:\d+ > 127\.0\.0\.1:9 UDP/;
  assert(/Z new /.test(first!) && flow.test(first!), first);
  assert(
    /Z destroy .* packets=1\/0 bytes=100\/0 duration=[\d.]+ mark=0x1234$/.test(second!),
    second,
  );
});

test("a program reads flows, and knows how many were lost", async () => {
  await using _tracked = await track();
  await using flows = await conntrack({ events: ["new"], bufferSize: 65_536 });
  using maker = new FlowMaker();
  maker.make(4000);
  let count = 0;
  for await (const flow of flows) {
    assertEquals(flow.event, "new");
    count++;
    const { received, lost } = flows.stats;
    if (count === received && received + lost === maker.made) break;
  }
  assertGreater(flows.stats.lost, 0);
  assertEquals(flows.stats.received + flows.stats.lost, maker.made);
});

Deno.test({
  name: `another network namespace has flows of its own${HAS_NFT ? "" : " (needs nft)"}`,
  ignore: !HAS_CONNTRACK,
  async fn() {
    await must(["ip", "netns", "add", "nfscribe-flows"]);
    try {
      const inside = ["ip", "netns", "exec", "nfscribe-flows"];
      await must([...inside, "ip", "link", "set", "lo", "up"]);
      await must([...inside, "nft", "add table inet t"]);
      await must([...inside, "nft", "add chain inet t o { type filter hook output priority 0; }"]);
      await must([...inside, "nft", "add rule inet t o ct state new"]);
      const netns = "/run/netns/nfscribe-flows";
      await using flows = await conntrack({ events: ["new"], netns });
      await must([...inside, "ping", "-c", "1", "-q", "127.0.0.1"]);
      const { value } = await flows.next();
      assertEquals([value?.protocol, value?.original.icmpType], [1, 8]);
    } finally {
      await must(["ip", "netns", "del", "nfscribe-flows"]);
    }
  },
});
