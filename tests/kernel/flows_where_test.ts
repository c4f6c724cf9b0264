import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { conntrack } from "nfscribe";
import type { Finding } from "../../src/finding.ts";
import { FlowMaker } from "../ffi/flow_maker.ts";
import { deno, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { endFlows, flowsIn, HAS_CONNTRACK, makeFlows, track, writeFlowConfig } from "./flows.ts";
import { startNfscribe } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const NEEDS = HAS_CONNTRACK ? "" : " (needs nft and conntrack)";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${NEEDS}`, ignore: !HAS_CONNTRACK, fn });
}

/** Reads the destination ports of the flows in a file of JSON. */
async function portsIn(file: string): Promise<(number | undefined)[]> {
  return (await flowsIn(file)).map(({ original }) => original.destinationPort);
}

test("of a flood, only the events that an expression chooses come to the socket", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  // The buffer holds a few dozen events: others would leave no room for the chosen ones.
  await writeFlowConfig(
    file,
    `events = ["new", "destroy"]\nbuffer_size = 65536\n` +
      `where = "udp and event new and (dst port 10007 or dst portrange 29990-29999)"`,
  );
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  nfscribe.kill("SIGSTOP");
  maker.make(20_000);
  await endFlows();
  nfscribe.kill("SIGCONT");
  const chosen = [10_007, ...Array.from({ length: 10 }, (_, n) => 29_990 + n)];
  await until(
    "the chosen events are written",
    async () => (await portsIn(`${folder.path}/flows.json`)).length >= chosen.length,
  );
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  assertEquals(await portsIn(`${folder.path}/flows.json`), chosen);
  const { received, lost } = counters.sources.conntrack!;
  assertEquals({ received, lost }, { received: chosen.length, lost: 0 }, stderr);
});

test("events that the kernel cannot tell apart are received and dropped, all in all as many as were made", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(
    file,
    `events = ["destroy"]\nbuffer_size = 65536\nwhere = "dst port 9 or packets > 1 and udp"`,
  );
  await using nfscribe = await startNfscribe("-c", file);
  sendUdp(3);
  await endFlows();
  await until(
    "the chosen one is written",
    async () => (await portsIn(`${folder.path}/flows.json`)).length > 0,
  );
  using maker = new FlowMaker();
  maker.make(1000);
  await endFlows();
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  const { received, lost } = counters.sources.conntrack!;
  assertEquals(received + lost, maker.made + 1, stderr);
  const { passed, dropped } = counters.filter;
  assertEquals(passed + dropped, received);
  assertEquals(await portsIn(`${folder.path}/flows.json`), [9]);
});

test("the kernel tells translated flows apart", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, `events = ["new", "destroy"]\nwhere = "snat or dnat"`);
  await using nfscribe = await startNfscribe("-c", file);
  await makeFlows(8);
  await endFlows();
  const flows = () => flowsIn(`${folder.path}/flows.json`);
  await until("beginnings and ends are written", async () => (await flows()).length >= 4);
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  const nats = (await flows()).map(({ event, nat }) => [event, Object.keys(nat ?? {}).sort()[0]]);
  assertEquals(nats.filter(([event]) => event === "new"), [["new", "destination"], [
    "new",
    "source",
  ]]);
  assertEquals([nats.length, counters.sources.conntrack?.received, counters.filter.dropped], [
    4,
    4,
    0,
  ], stderr);
});

test("a reload takes another expression to the same socket", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, `events = ["new"]\nwhere = "dst port 10005"`);
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  maker.make(10);
  await writeFlowConfig(file, `events = ["new"]\nwhere = "dst portrange 10010-10011"`);
  nfscribe.kill("SIGHUP");
  await until("it is replaced", () =>
    messages(nfscribe.said).length > 0 &&
    messages(nfscribe.said).includes("The configuration was replaced"));
  maker.make(10);
  await writeFlowConfig(file, `events = ["new"]`);
  nfscribe.kill("SIGHUP");
  await until(
    "it is replaced again",
    () =>
      messages(nfscribe.said).filter((text) => text === "The configuration was replaced").length ===
        2,
  );
  maker.make(3);
  const expected = [10_005, 10_010, 10_011, 10_020, 10_021, 10_022];
  await until(
    "all are written",
    async () => (await portsIn(`${folder.path}/flows.json`)).length >= expected.length,
  );
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  assertEquals(await portsIn(`${folder.path}/flows.json`), expected);
  assertEquals(
    [counters.sources.conntrack?.received, counters.sources.conntrack?.lost],
    [6, 0],
    stderr,
  );
});

test("one expression chooses of packets and of flows", async () => {
  await using folder = await temporaryFolder();
  await using _tracked = await track();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(
    file,
    'events = ["new"]',
    `[filter]\nwhere = "event update or dst port (10001 or 10003)"\n` +
      `[[source]]\ntype = "nflog"\ngroup = 983\n`,
  );
  await using nfscribe = await startNfscribe("-c", file);
  using maker = new FlowMaker();
  maker.make(10);
  await until(
    "flows are written",
    async () => (await portsIn(`${folder.path}/flows.json`)).length === 2,
  );
  nfscribe.kill("SIGTERM");
  const { counters } = await nfscribe.ended();
  assertEquals([counters.filter.passed, counters.filter.dropped], [2, 8]);
});

test("a program reads the flows that an expression chooses", async () => {
  await using _tracked = await track();
  await using flows = await conntrack({
    events: ["new"],
    where: "dst portrange 10100-10199 and not state established",
    bufferSize: 262_144,
  });
  using maker = new FlowMaker();
  maker.make(4000);
  const ports = new Set<number | undefined>();
  for await (const flow of flows) {
    ports.add(flow.destinationPort);
    if (ports.size === 100) break;
  }
  assertEquals([flows.stats.received, flows.stats.lost], [100, 0]);
});

test("a word that flows do not have is pointed at", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await writeFlowConfig(file, `where = 'tcp and prefix "drop*"'`);
  const { code, stderr } = await run(deno("-A", `${ROOT}main.ts`, "check", "-c", file));
  assertEquals(code, 2);
  assertGreater(stderr.length, 0);
  assertStringIncludes(
    stderr,
    `source[0].where: 'prefix "drop*"' is about single packets; a flow has no such value`,
  );
});

test("doctor tells of a source whose flows no expression chooses", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  const more = `[[source]]\ntype = "nflog"\ngroup = 984\n[filter]\nwhere = 'prefix "drop*"'\n`;
  await writeFlowConfig(file, "", more);
  const { stdout } = await run(deno("-A", `${ROOT}main.ts`, "doctor", "--json", "-c", file));
  const { checks } = JSON.parse(stdout) as { checks: Finding[] };
  const found = checks.find(({ check }) => check === "filter");
  assertEquals(
    [found?.state, found?.message],
    ["note", 'chooses no flows, which source conntrack makes: prefix "drop*"'],
  );
});
