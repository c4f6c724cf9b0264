import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { delay } from "@std/async/delay";
import { accounting } from "nfscribe";
import { Memory } from "../../src/bytes/memory.ts";
import { Counter } from "../../src/counter/counter.ts";
import { RawCounter } from "../../src/counter/raw_counter.ts";
import type { StructuredCounter } from "../../src/counter/structured.ts";
import type { Finding } from "../../src/finding.ts";
import { checkTable } from "../../src/schema.ts";
import { AccountingDecoder } from "../../src/source/accounting/decoder.ts";
import { accountingEntries } from "../../src/source/accounting/options.ts";
import { AccountingReader } from "../../src/source/accounting/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { duplicate } from "../ffi/duplicate.ts";
import { deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { freePort } from "../system/server.ts";
import { countAll, HAS_COUNTERS } from "./counters.ts";
import { startNfscribe, startNfscribeWith } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const NEEDS = HAS_COUNTERS ? "" : " (needs nfacct, nft and iptables-legacy)";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${NEEDS}`, ignore: !HAS_COUNTERS, fn });
}

/** Writes a configuration whose readings come at its end, or each second. */
async function write(file: string, source = "", more = "", interval = 1): Promise<void> {
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "accounting"\ninterval_seconds = ${interval}\n${source}\n` +
      `[output.json]\npath = "counters.json"\n${more}\n[log]\nformat = "json"\n`,
  );
}

async function countersIn(folder: string): Promise<StructuredCounter[]> {
  const text = await Deno.readTextFile(`${folder}/counters.json`);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Returns the sum of the packets of an object. */
function packetsOf(counters: readonly StructuredCounter[], name: string): number {
  return counters.filter((one) => one.name === name).reduce((sum, one) => sum + one.packets!, 0);
}

test("every packet that an object counts is in one record, with the last reading at the end", async () => {
  await using folder = await temporaryFolder();
  await using _counted = await countAll(["web", "mail"]);
  const file = `${folder.path}/nfscribe.toml`;
  await write(file);
  sendUdp(7);
  await using nfscribe = await startNfscribe("-c", file);
  sendUdp(100);
  await until("a reading", async () => (await countersIn(folder.path)).length > 0);
  sendUdp(50);
  nfscribe.kill("SIGTERM");
  const { code, counters, stderr } = await nfscribe.ended();
  assertEquals([code, counters.sources.accounting?.lost], [0, 0], stderr);
  const all = await countersIn(folder.path);
  assertEquals(all.length, counters.sources.accounting?.received);
  for (const name of ["web", "mail", "hits"]) assertEquals(packetsOf(all, name), 150, name);
  assertEquals(packetsOf(all, "idle"), 0);
  const last = all.findLast(({ name }) => name === "hits")!;
  assertEquals([last.family, last.table, last.totalPackets], ["inet", "counted", 5 + 7 + 150]);
  assert(all.every(({ interval }) => interval! > 0));
  // All objects of a reading have its number and time.
  for (const reading of Map.groupBy(all, ({ seq }) => seq).values()) {
    assertEquals(new Set(reading.map(({ time }) => time)).size, 1);
    assertEquals(reading.map(({ name }) => name), ["web", "mail", "hits", "idle"]);
  }
});

test("with reset hundreds of objects lose nothing, and those that were not asked for stay", async () => {
  // A dump that resets as it reads loses the counts of an object at the end of each datagram.
  const names = Array.from({ length: 400 }, (_, n) => `n${n}${"x".repeat(n % 25)}`);
  await using folder = await temporaryFolder();
  await using _counted = await countAll([...names, "other"]);
  const file = `${folder.path}/nfscribe.toml`;
  await write(file, `reset = true\nnames = ["n*", "hits"]`, "", 3600);
  await using nfscribe = await startNfscribe("-c", file);
  sendUdp(20);
  nfscribe.kill("SIGTERM");
  const { code, stderr } = await nfscribe.ended();
  assertEquals(code, 0, stderr);
  const all = await countersIn(folder.path);
  assertEquals(all.length, 401);
  assert(all.every(({ name, packets }) => packets === (name === "hits" ? 25 : 20)));
  assert(all.every(({ totalPackets, interval }) => totalPackets === undefined && !interval));
  const listed = (await must(["nfacct", "list"])).split("\n").filter((line) => line !== "");
  assertEquals(
    listed.filter((line) => !line.includes("pkts = 00000000000000000000")).map((line) =>
      line.split(" = ").at(-1)
    ),
    ["other;"],
  );
  assertStringIncludes(await must(["nft", "list", "counters"]), "packets 0 bytes 0");
});

/** Takes the counters of a reading after each step. */
async function afterEach(
  steps: readonly (() => Promise<unknown>)[],
): Promise<Record<string, string>[]> {
  await using counters = await accounting({ intervalSeconds: 1 });
  const readings: Record<string, string>[] = [];
  let seq: number | undefined;
  let current: Record<string, string> = {};
  let step = 0;
  await steps[step++]!();
  for await (const counter of counters) {
    if (counter.seq !== seq && seq !== undefined) {
      readings.push(current);
      current = {};
      if (step === steps.length) break;
      await steps[step++]!();
    }
    seq = counter.seq;
    current[counter.name] = shown(counter);
  }
  return readings;
}

function shown({ packets, restarted }: Counter): string {
  return `${packets}${restarted ? " restarted" : ""}`;
}

test("objects that others reset, make anew or remove never count less than nothing", async () => {
  await using _counted = await countAll(["web", "gone"]);
  sendUdp(10);
  const readings = await afterEach([
    () => Promise.resolve(sendUdp(3)),
    // From here on a reading may come between two commands: only sums are compared.
    async () => {
      await must(["nft", "reset", "counters"]);
      await must(["nfacct", "list", "reset"]);
      await must(["iptables-legacy", "-D", "OUTPUT", "2"]);
      await must(["nfacct", "delete", "gone"]);
      await must(["nft", "add", "counter", "inet", "counted", "fresh"]);
    },
    () => Promise.resolve(sendUdp(2)),
    () => Promise.resolve(),
  ]);
  assertEquals(readings[0], { web: "3", gone: "3", hits: "3", idle: "0" });
  const later = readings.slice(1);
  const sum = (name: string) =>
    later.reduce((sum, reading) => sum + parseInt(reading[name] ?? "0"), 0);
  assertEquals([sum("web"), sum("hits"), sum("fresh"), sum("gone")], [2, 2, 0, 0]);
  assert(later.some(({ hits }) => hits?.endsWith("restarted")));
  assert(later.some(({ fresh }) => fresh === "0 restarted"));
  assertEquals(later.at(-1)!.gone, undefined);
});

test("a filter's function for counters decides about them, and /metrics adds them up", async () => {
  await using folder = await temporaryFolder();
  await using _counted = await countAll(["web", "noise"]);
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    `${folder.path}/filter.ts`,
    `import type { CounterFilter } from "nfscribe";
export const counter: CounterFilter = ({ name }, context) => {
  if (name === "noise") return false;
  context.attach({ rule: name.toUpperCase() });
  return true;
};
`,
  );
  const port = freePort();
  await write(
    file,
    "",
    `[output.prometheus]\n[stats]\nmetrics = "127.0.0.1:${port}"\n` +
      `[filter]\nscript = "filter.ts"\n`,
  );
  await using nfscribe = await startNfscribeWith([`--allow-net=127.0.0.1:${port}`], "-c", file);
  sendUdp(40);
  const sample =
    'nfscribe_accounting_packets_total{source="accounting",object="nft",family="inet",table="counted",name="hits"} 40\n';
  await until("the metric", async () => (await metricsAt(port)).includes(sample));
  const text = await metricsAt(port);
  assertStringIncludes(text, 'object="nfacct",name="web"} 40\n');
  assertEquals(text.includes("noise"), false);
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  assertGreater(counters.filter.dropped, 0, stderr);
  assertEquals(counters.filter.failed, 0, stderr);
  const all = await countersIn(folder.path);
  assert(all.every(({ name, extra }) => extra?.rule === name.toUpperCase()));
});

async function metricsAt(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  return await response.text();
}

test("a sandbox that is killed costs no count", async () => {
  await using folder = await temporaryFolder();
  await using _counted = await countAll(["web"]);
  const file = `${folder.path}/nfscribe.toml`;
  await write(file);
  await using nfscribe = await startNfscribe("-c", file);
  const sandboxes = async () =>
    (await run(["pgrep", "-P", `${nfscribe.pid}`])).stdout.split("\n").filter((pid) => pid !== "");
  const [first] = await sandboxes();
  sendUdp(30);
  Deno.kill(Number(first), "SIGKILL");
  await until("another sandbox", async () => {
    const [pid] = await sandboxes();
    return pid !== undefined && pid !== first;
  });
  sendUdp(12);
  await until("a reading", async () => packetsOf(await countersIn(folder.path), "web") >= 42);
  nfscribe.kill("SIGTERM");
  const { code, stderr } = await nfscribe.ended();
  assertEquals(code, 0, stderr);
  const all = await countersIn(folder.path);
  assertEquals([packetsOf(all, "web"), packetsOf(all, "hits")], [42, 42]);
});

/** Takes what a reader has. */
function taken(reader: AccountingReader, decoder: AccountingDecoder): StructuredCounter[] {
  const memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
  const counters: StructuredCounter[] = [];
  for (let length; (length = reader.receive(memory.bytes)) !== NOTHING_QUEUED;) {
    const { seconds, nanoseconds } = reader.clock;
    decoder.begin(memory, 0, length, seconds, nanoseconds);
    for (const raw = new RawCounter(); decoder.next(raw);) counters.push(new Counter(raw).toJSON());
  }
  return counters;
}

test("a process that crashed leaves its last reading, from which the next one counts on", async () => {
  await using _counted = await countAll(["web"]);
  const { options } = checkTable(accountingEntries, { intervalSeconds: 3600 }, "source");
  const open = (file?: number) =>
    AccountingReader.open(options, (text) => assert(false, text), file);
  const crashed = await open();
  const file = duplicate(crashed.descriptor);
  await crashed.close();
  sendUdp(9);
  await using next = await open(file);
  assertEquals(next.isAdopted, true);
  const decoder = new AccountingDecoder();
  sendUdp(4);
  next.stop();
  const counters = taken(next, decoder);
  assertEquals(["web", "hits"].map((name) => packetsOf(counters, name)), [13, 13]);
  // A second stop reads nothing more.
  next.stop();
  assertEquals(taken(next, decoder), []);
});

test("while a reading waits to be received no other is made, and the next one has all", async () => {
  await using _counted = await countAll(["web"]);
  const { options } = checkTable(accountingEntries, { intervalSeconds: 1 }, "source");
  await using reader = await AccountingReader.open(options, console.error);
  const decoder = new AccountingDecoder();
  sendUdp(5);
  await reader.wait();
  await delay(2500);
  sendUdp(6);
  const first = taken(reader, decoder);
  assertEquals([packetsOf(first, "web"), new Set(first.map(({ seq }) => seq)).size], [5, 1]);
  const next: StructuredCounter[] = [];
  await until("the next reading", async () => {
    await reader.wait();
    next.push(...taken(reader, decoder));
    return next.length > 0;
  });
  assertEquals(packetsOf(next, "web"), 6);
});

test("a reload changes names and interval, and counts on", async () => {
  await using folder = await temporaryFolder();
  await using _counted = await countAll(["web", "mail"]);
  const file = `${folder.path}/nfscribe.toml`;
  await write(file, 'names = ["web"]', "", 3600);
  await using nfscribe = await startNfscribe("-c", file);
  sendUdp(8);
  await write(file, 'names = ["mail"]', "", 1800);
  nfscribe.kill("SIGHUP");
  await until("the reload", () => nfscribe.said.includes("The configuration was replaced"));
  sendUdp(3);
  nfscribe.kill("SIGTERM");
  const { code, stderr } = await nfscribe.ended();
  assertEquals(code, 0, stderr);
  const all = await countersIn(folder.path);
  assertEquals(all.map(({ name, packets }) => [name, packets]), [["mail", 11]]);
});

test("kinds of objects, and reset, change without a count twice", async () => {
  await using _counted = await countAll(["web"]);
  sendUdp(100);
  const optionsOf = (table: Record<string, unknown>) =>
    checkTable(accountingEntries, { intervalSeconds: 3600, ...table }, "source").options;
  await using reader = await AccountingReader.open(
    optionsOf({ objects: ["nfacct"] }),
    console.error,
  );
  sendUdp(5);
  reader.adjust(optionsOf({ objects: ["nfacct", "nft"] }));
  sendUdp(2);
  reader.stop();
  const first = taken(reader, new AccountingDecoder());
  assertEquals(["web", "hits", "idle"].map((name) => packetsOf(first, name)), [7, 2, 0]);
  const resetting = new AccountingDecoder({ reset: true });
  // Each reading that resets has what came since the one before, however little or much.
  for (const packets of [3, 1, 150]) {
    reader.adjust(optionsOf({ reset: true }));
    sendUdp(packets);
    reader.stop();
    const counters = taken(reader, resetting);
    assertEquals(["web", "hits"].map((name) => packetsOf(counters, name)), [packets, packets]);
  }
  const counting = new AccountingDecoder();
  for (const packets of [4, 2]) {
    reader.adjust(optionsOf({ reset: false }));
    sendUdp(packets);
    reader.stop();
    const counters = taken(reader, counting);
    assertEquals(["web", "hits"].map((name) => packetsOf(counters, name)), [packets, packets]);
  }
});

test("counts of objects that a reset does not choose are subtracted when it does", async () => {
  await using _counted = await countAll(["web"]);
  const optionsOf = (table: Record<string, unknown>) =>
    checkTable(accountingEntries, { intervalSeconds: 3600, ...table }, "source").options;
  await using reader = await AccountingReader.open(optionsOf({}), console.error);
  const read = (table: { names?: string[]; reset: boolean }) => {
    reader.adjust(optionsOf(table));
    sendUdp(10);
    reader.stop();
    const counters = taken(reader, new AccountingDecoder(table));
    return counters.filter(({ name }) => name !== "idle").map(({ name, packets }) =>
      `${name} ${packets}`
    );
  };
  assertEquals(read({ reset: false }), ["web 10", "hits 10"]);
  for (let times = 0; times < 2; times++) {
    assertEquals(read({ reset: true, names: ["web"] }), ["web 10"]);
  }
  assertEquals(read({ reset: true }), ["web 10", "hits 30"]);
  assertEquals(read({ reset: true }), ["web 10", "hits 10"]);
});

test("more counters than are compared cause one warning, and none is counted anew", async () => {
  await using folder = await temporaryFolder();
  const most = 100_000;
  const file = `${folder.path}/many.nft`;
  const lines = Array.from(
    { length: most + 5 },
    (_, n) => `counter c${n} { packets 7 bytes 700; }`,
  );
  await Deno.writeTextFile(file, `table inet many {\n${lines.join("\n")}\n}\n`);
  await must(["nft", "-f", file]);
  try {
    const { options } = checkTable(accountingEntries, { intervalSeconds: 3600 }, "source");
    const warnings: string[] = [];
    await using reader = await AccountingReader.open(options, (text) => warnings.push(text));
    const decoder = new AccountingDecoder();
    for (let reading = 0; reading < 2; reading++) {
      reader.stop();
      const known = taken(reader, decoder).map(({ packets }) => packets);
      assertEquals(Map.groupBy(known, (packets) => packets).get(undefined)?.length, 5);
      assertEquals(known.filter((packets) => packets === 0).length, most);
      reader.resume();
    }
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, `There are ${most + 5} counters`);
  } finally {
    await must(["nft", "flush", "ruleset"]);
  }
});

test("doctor counts the objects, and says how to make some where there are none", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await write(file, `names = ["web"]`);
  const finding = async () => {
    const command = deno("--allow-all", `${ROOT}main.ts`, "doctor", "--json", "-c", file);
    const { checks } = JSON.parse((await run(command)).stdout) as { checks: Finding[] };
    return checks.find(({ check }) => check === "counters accounting")!;
  };
  const none = await finding();
  assertEquals([none.state, none.commands?.length], ["note", 4]);
  for (const command of none.commands!) await must(["sh", "-c", command]);
  try {
    assertEquals(
      (await finding()).message,
      "can be read: 0 objects of nfacct, 1 named counters of nftables",
    );
  } finally {
    await must(["nft", "flush", "ruleset"]);
  }
});

test("nfscribe watch shows counters", async () => {
  await using _counted = await countAll(["web"]);
  const command = deno("--allow-ffi", `${ROOT}main.ts`, "watch", "--accounting", "1");
  const { stdout, stderr } = await run([...command, "--count", "3"]);
  const words = stdout.trim().split("\n").map((line) => line.replace(/^\S+ | interval=\S+/g, ""));
  assertEquals(words, [
    "web packets=0 bytes=0 total=0/0",
    "inet counted hits packets=0 bytes=0 total=5/500",
    "inet counted idle packets=0 bytes=0 total=0/0",
  ]);
  assertStringIncludes(stderr, "watching counters");
});

/** Adds up the packets that lines of Graphite tell of an object. */
function sumOfLines(text: string, name: string): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}.pkts `));
  return lines.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
}

test("Graphite gets every count over TCP and UDP, also while it is away at first", async () => {
  await using folder = await temporaryFolder();
  await using _counted = await countAll(["web"]);
  const file = `${folder.path}/nfscribe.toml`;
  const tcp = freePort();
  const received = { tcp: "", udp: "" };
  const udp = createSocket("udp4", (bytes) => received.udp += `${bytes}\n`);
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  const { port } = udp.address();
  await write(
    file,
    "",
    `[output.tcp]\ntype = "graphite"\nurl = "tcp://127.0.0.1:${tcp}"\nprefix = "fw"\n` +
      `[output.udp]\ntype = "graphite"\nurl = "udp://127.0.0.1:${port}"\nprefix = "fw"\n`,
  );
  await using nfscribe = await startNfscribeWith([`--allow-net=127.0.0.1:${tcp}`], "-c", file);
  sendUdp(25);
  await until("a reading", async () => (await countersIn(folder.path)).length > 0);
  const receive = async (listener: Deno.Listener) => {
    const decoder = new TextDecoder();
    for await (const connection of listener) {
      for await (const bytes of connection.readable) received.tcp += decoder.decode(bytes);
    }
  };
  const onTcp = Deno.listen({ hostname: "127.0.0.1", port: tcp });
  const receiving = receive(onTcp);
  sendUdp(17);
  await until(
    "all counts",
    () =>
      Object.values(received).every((text) =>
        sumOfLines(text, "fw.web") === 42 && sumOfLines(text, "fw.inet.counted.hits") === 42
      ),
  );
  nfscribe.kill("SIGTERM");
  const { code, counters, stderr } = await nfscribe.ended();
  assertEquals(code, 0, stderr);
  const { tcp: overTcp, udp: overUdp } = counters.outputs;
  assertEquals([overTcp, overUdp].map((stats) => stats!.dropped + stats!.failed), [0, 0]);
  for (const line of received.tcp.trimEnd().split("\n")) {
    assert(/^fw\.[\w.]+\.(pkts|bytes) \d+ \d{10}$/.test(line), line);
  }
  onTcp.close();
  udp.close();
  await Promise.all([receiving, once(udp, "close")]);
});

test("another network namespace has counters of its own", async () => {
  await must(["ip", "netns", "add", "nfscribe-counters"]);
  try {
    const inside = ["ip", "netns", "exec", "nfscribe-counters"];
    await must([...inside, "nft", "add table ip t; add counter ip t inside"]);
    const netns = "/run/netns/nfscribe-counters";
    await using counters = await accounting({ intervalSeconds: 1, netns });
    const { value } = await counters.next();
    assertEquals([value?.family, value?.table, value?.name], ["ip", "t", "inside"]);
  } finally {
    await must(["ip", "netns", "del", "nfscribe-counters"]);
  }
});
