/**
 * Tables and samples of documents beside what they describe.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { statsTable } from "../../src/cli/stats/table.ts";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import { expressionAbout, packetExpression } from "../../src/filter/expression/expression.ts";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { lineOf } from "../../src/output/prometheus/line.ts";
import { PrometheusWriter } from "../../src/output/prometheus/writer.ts";
import { metricsText } from "../../src/daemon/telemetry/metrics.ts";
import { HAS_TCPDUMP, hasProgram, ROOT, run } from "../system/process.ts";
import { configJsonSchema } from "../../scripts/json_schema.ts";
import { keysPage } from "../../scripts/reference/keys_page.ts";
import { Book } from "./book.ts";
import { samplesOf } from "./messages.ts";
import { recipesOf } from "./recipes.ts";

const CONFIGURATION = "docs/configuration.md";
const MONITORING = "docs/monitoring.md";

Deno.test("docs/keys.md is what deno task keys writes, but for the width of its columns", async () => {
  const common = (text: string) => text.replaceAll(/-{3,}/g, "---").replaceAll(/\s+/g, " ").trim();
  const page = await Deno.readTextFile(`${ROOT}docs/keys.md`);
  assertEquals(common(page), common(keysPage(configJsonSchema())));
});

Deno.test(`${CONFIGURATION}: its errors are those that there are`, async () => {
  const { blocks: [sample] } = await Book.read(CONFIGURATION);
  const [{ messages }] = samplesOf(sample!.text) as [{ messages: string[] }];
  const error = assertThrows(
    () =>
      checkConfig({
        source: [{ type: "nflog", group: 1, grup: 1, copy_range: 70_000 }],
        output: { pcap: { path: "trace.pcap" } },
      }, "nfscribe.toml"),
    ConfigError,
  );
  assertEquals(
    messages.map((message) => message.replace("nfscribe: ", "")).sort(),
    error.message.split("\n").sort(),
  );
});

/** Returns the counters of the sample of `nfscribe stats`, when so many packets were received. */
function counters(received: number): Counters {
  return {
    sources: { "nflog:1": { received, lost: 3, malformed: 0, foreign: 0 } },
    filter: { passed: received, dropped: 0, failed: 0, timedOut: 0 },
    outputs: {
      pcap: {
        written: received,
        bytes: 116 * received,
        failed: 0,
        dropped: 0,
        spooled: 0,
        filtered: 0,
        emitted: 0,
      },
    },
  };
}

Deno.test(`${MONITORING}: its table is the one that nfscribe stats prints`, async () => {
  const { blocks } = await Book.read(MONITORING);
  const [command, ...table] = blocks.find(({ text }) => text.includes("--watch"))!.text.trimEnd()
    .split("\n");
  assertEquals(command, "$ nfscribe stats -c nfscribe.toml --watch");
  const before = { counters: counters(1_234_567 - 12_359), seconds: 1 };
  assertEquals(table, statsTable(counters(1_234_567), before));
});

Deno.test(`${MONITORING}: its metrics are those that there are`, async () => {
  const sample = counters(1);
  const further = { ...sample.outputs.pcap!, lag_ms: 0, spool_bytes: 0 };
  const figures = { version: "0.1.0", startSeconds: 0, residentBytes: 0, isReloadRefused: false };
  const sums = new PrometheusWriter(1);
  const labels = { source: "accounting", object: "nfacct", name: "web" };
  sums.write(new TextEncoder().encode(lineOf({ seconds: 1, packets: 1, bytes: 1, labels })));
  const of = { logged: 1, lost: 0, sent: 1, received: 1, repeated: 0, missing: 0, stopped: 0 };
  const fleet = { hosts: { web1: { ...of, lastSeenMs: 0 } }, silent: 0 };
  const all = { ...sample, outputs: { pcap: further } };
  const printed = metricsText(all, figures, sums.metrics, fleet);
  const names = [...printed.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);
  const text = await Deno.readTextFile(ROOT + MONITORING);
  const told = [...text.matchAll(/^- .*: (`nfscribe_.*(?:\n {2}.*)*)$/gm)].flatMap(([, names]) => {
    const [family] = /nfscribe_[a-z]+/.exec(names!)!;
    return [...names!.matchAll(/`((?:nfscribe|…)_\w+)`/g)].map(([, name]) =>
      name!.replace("…", family)
    );
  });
  assertEquals(told.sort(), names.sort());
  const { blocks } = await Book.read(MONITORING);
  for (const { text } of blocks.filter(({ language }) => language === "yaml")) {
    for (const [name] of text.matchAll(/nfscribe_\w+/g)) assert(names.includes(name), name);
  }
});

/** Returns the cells of a row of a table, without its first. */
function cellsOf(text: string, first: string): string[] {
  const row = text.split("\n").find((line) => line.startsWith(`| ${first} `));
  assert(row !== undefined, `no row "${first}"`);
  return row.split("|").slice(2, -1).map((cell) => cell.trim());
}

Deno.test("README.md: its figures are those of docs/benchmarks.md", async () => {
  const [readme, benchmarks] = await Promise.all(
    ["README.md", "docs/benchmarks.md"].map((path) => Deno.readTextFile(ROOT + path)),
  ) as [string, string];
  const cpu = (program: string) => parseFloat(cellsOf(benchmarks, program)[0]!);
  const memory = (program: string) => Number(cellsOf(benchmarks, program)[7]);
  const lost = (program: string) => cellsOf(benchmarks, program)[4]!;
  const rows = (program: string) => cellsOf(benchmarks, program)[0]!.replace(/ .*/, "");
  const two = (figure: number) => figure.toFixed(2);
  assertEquals(cellsOf(readme, "CPU a packet, to pcap").slice(0, 3), [
    `${two(cpu("nfscribe pcap"))} µs, without a filter ${two(cpu("nfscribe pcap, no filter"))}`,
    `${two(cpu("ulogd pcap"))} µs`,
    `${two(cpu("tcpdump pcap"))} µs`,
  ]);
  assertEquals(cellsOf(readme, "CPU a packet, to text").slice(0, 2), [
    `${two(cpu("nfscribe logemu"))} µs, without a filter ${two(cpu("nfscribe logemu, no filter"))}`,
    `${cpu("ulogd logemu").toFixed(1)} µs`,
  ]);
  assertEquals(cellsOf(readme, "memory, the most").slice(0, 3), [
    `${memory("nfscribe pcap")} MB, alone some 110`,
    memory("ulogd pcap") === 0 ? "below 1 MB" : `${memory("ulogd pcap")} MB`,
    `${memory("tcpdump pcap")} MB`,
  ]);
  assertEquals(["nfscribe pcap", "nfscribe logemu", "ulogd pcap"].map(lost), ["0", "0", "0"]);
  const ofTcpdump = lost("tcpdump pcap").replace(/ .*/, "");
  const [, percent] = /\((\d+)\.\d+ %\)/.exec(lost("ulogd logemu"))!;
  assertEquals(cellsOf(readme, "lost at full speed").slice(0, 3), [
    "none",
    `to pcap none, to text ${percent} %`,
    ofTcpdump === "0" ? "none" : `${ofTcpdump} of 6 million`,
  ]);
  assertEquals(cellsOf(readme, "rows a second into PostgreSQL").slice(0, 2), [
    rows("nfscribe, while another process floods"),
    rows("ulogd 2.0.8, flat schema"),
  ]);
});

Deno.test({
  name: "README.md and docs/benchmarks.md: tcpdump and ulogd say what these say (needs both)",
  ignore: !HAS_TCPDUMP || !hasProgram("ulogd"),
  fn: async () => {
    const page = (await Deno.readTextFile(`${ROOT}docs/benchmarks.md`)).replaceAll(/\s+/g, " ");
    const tcpdump = ["tcpdump", "-i", "nflog:1", "port", "22"];
    const { stderr } = await run([`${ROOT}scripts/in_namespace`, ...tcpdump]);
    const [, answer] = /^tcpdump: (.*)$/m.exec(stderr)!;
    assert(page.includes(`\`${tcpdump.join(" ")}\` says "${answer}"`));
    const { stdout, stderr: more } = await run(["ulogd", "--version"]);
    const [, version] = /Version (\S+)/.exec(stdout + more)!;
    const readme = await Deno.readTextFile(`${ROOT}README.md`);
    for (const text of [readme, page]) assertStringIncludes(text, `ulogd ${version}`);
  },
});

Deno.test("docs/expressions.md: every expression of its tables is one", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/expressions.md`);
  const sections = page.split(/^## /m);
  const expressionsOf = (title: string) =>
    sections.find((section) => section.startsWith(`${title}\n`))!.split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) => line.split(/(?<!\\)\|/)[1]!.replaceAll("\\|", "|"))
      .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!));
  const packets = expressionsOf("What they choose");
  assertGreater(packets.length, 60);
  for (const text of packets) packetExpression(text);
  const flows = expressionsOf("Flows");
  assertGreater(flows.length, 20);
  for (const text of flows) expressionAbout(text, ["flow"]);
});

Deno.test("docs/cookbook.md: every expression of its table is one", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/cookbook.md`);
  const [table] = /^\| question [^]*?\n\n/m.exec(page)!;
  const texts = [...table.matchAll(/`([^`]+)`/g)].map(([, text]) => text!.replaceAll("\\|", "|"));
  assertGreater(texts.length, 4);
  for (const text of texts) packetExpression(text);
});

Deno.test("README.md: the cookbook has as many scripts as it says", async () => {
  const count = recipesOf(await Deno.readTextFile(`${ROOT}docs/cookbook.md`)).length;
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  assertEquals(/(\d+) short scripts/.exec(readme)?.[1], `${count}`);
});

Deno.test("docs/installation.md: the options of scripts/install are those that it takes", async () => {
  const text = await Deno.readTextFile(`${ROOT}docs/installation.md`);
  const told = [...text.matchAll(/^\| `(--\w+)[ A-Z]*` /gm)].map(([, option]) => option!);
  const { stdout } = await run([`${ROOT}scripts/install`, "--help"]);
  const taken = new Set([...stdout.matchAll(/--\w+/g)].map(([option]) => option));
  assertEquals(told.sort(), [...taken].filter((option) => option !== "--help").sort());
});
