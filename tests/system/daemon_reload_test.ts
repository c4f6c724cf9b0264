/**
 * Another configuration for a daemon at work, whose sources and sandboxes are fakes. The rights
 * that a configuration takes are looked at, and so this runs with them.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Config, Part } from "../../src/config/config.ts";
import { Daemon } from "../../src/daemon/daemon.ts";
import type { PartOpener } from "../../src/daemon/open.ts";
import { newSource } from "../../src/daemon/pipeline/topology.ts";
import { imbalance } from "../daemon/imbalance.ts";
import { Log } from "../../src/log/log.ts";
import { FakePool, FakeReader, FakeSandbox, outputOf, until } from "../daemon/pipeline/fakes.ts";

function sourcePart(name: string, options: Record<string, unknown> = {}): Part {
  return { name, type: "pcap", options: { path: `/tmp/${name}`, ...options } };
}

function outputPart(name: string, options: Record<string, unknown> = {}): Part {
  return { name, type: "pcap", options: { path: `/tmp/${name}`, ...options } };
}

function configOf(sources: Part[], outputs: Part[], further: Partial<Config> = {}): Config {
  return {
    sources,
    outputs,
    filter: undefined,
    actions: {},
    log: { file: "-", level: "info", format: "text" },
    stats: {},
    stopTimeoutMs: 1000,
    ...further,
  };
}

const FIRST = configOf([sourcePart("a")], [outputPart("one")]);
const NEVER = new Promise<never>(() => {});

/** Starts a daemon; returns it with what was opened for it. */
async function start() {
  const said: string[] = [];
  const readers = new Map<string, FakeReader[]>();
  const outputs = new Map<string, ReturnType<typeof outputOf>[]>();
  const pools: FakePool[] = [];
  /** Parts that cannot be opened. */
  const broken = new Set<string>();
  const opener: PartOpener = {
    output(part) {
      if (broken.has(part.name)) return Promise.reject(new Error(`cannot open ${part.name}`));
      const opened = outputOf(part.name);
      outputs.set(part.name, [...outputs.get(part.name) ?? [], opened]);
      return Promise.resolve(opened.output);
    },
    source(part) {
      if (broken.has(part.name)) return Promise.reject(new Error(`cannot open ${part.name}`));
      const reader = new FakeReader();
      readers.set(part.name, [...readers.get(part.name) ?? [], reader]);
      return Promise.resolve(newSource(part, reader, undefined));
    },
    pool(config) {
      if (broken.has("filter")) return Promise.reject(new Error("the filter does not load"));
      const pool = new FakePool(new FakeSandbox(config.outputs.length));
      pools.push(pool);
      return Promise.resolve(pool.real);
    },
  };
  const log = new Log(FIRST.log, (line) => void said.push(line));
  const daemon = new Daemon(FIRST, log, { opener });
  await daemon.open(NEVER);
  const ended = new AbortController();
  const running = daemon.run(ended.signal);
  const finish = async () => {
    ended.abort();
    await running;
    await daemon.close(ended.signal);
    return daemon.counters;
  };
  const reader = (name: string) => readers.get(name)!.at(-1)!;
  const written = (name: string, at = -1) => outputs.get(name)!.at(at)!.written();
  return { daemon, said, readers, outputs, pools, broken, running, finish, reader, written };
}

Deno.test("A part that is the same stays open; a new one is opened, one that left is closed", async () => {
  const t = await start();
  t.reader("a").push([1]);
  await until(() => t.written("one").length === 1);
  const next = configOf([sourcePart("a"), sourcePart("b")], [outputPart("two"), outputPart("one")]);
  await t.daemon.reload(() => Promise.resolve(next));
  assertEquals(t.daemon.refusal, undefined);
  assertEquals([t.readers.get("a")!.length, t.outputs.get("one")!.length], [1, 1]);
  t.reader("b").push([2]);
  await until(() => t.written("two").length === 1);
  await t.daemon.reload(() => Promise.resolve(configOf([sourcePart("b")], [outputPart("two")])));
  assertEquals(t.reader("a").events, ["stop", "close"]);
  assertEquals(t.outputs.get("one")![0]!.writer.closed, 1);
  assertEquals(t.pools.map(({ events }) => events.includes("close")), [true, true, false]);
  await t.finish();
  assertEquals([t.written("one"), t.written("two")], [[1, 2], [2]]);
});

Deno.test("Counters of parts that left are kept, and those of one that comes again are added", async () => {
  const t = await start();
  t.reader("a").push([1, 1, 1]);
  await until(() => t.written("one").length === 3);
  const other = configOf([sourcePart("a", { copyRange: 40 })], [
    outputPart("one", { sync: false }),
  ]);
  await t.daemon.reload(() => Promise.resolve(other));
  t.reader("a").push([2, 2]);
  const counters = await t.finish();
  assertEquals(imbalance(counters), []);
  assertEquals([counters.sources.a!.received, counters.outputs.one!.written], [5, 5]);
  assertEquals([t.written("one", 0), t.written("one")], [[1, 1, 1], [2, 2]]);
});

Deno.test("What is queued at a source that leaves is written by the old parts", async () => {
  const t = await start();
  const next = configOf([sourcePart("b")], [outputPart("two")]);
  t.reader("a").push([1], [2], [3]);
  await t.daemon.reload(() => Promise.resolve(next));
  assertEquals(t.written("one"), [1, 2, 3]);
  await t.finish();
});

Deno.test("A configuration that cannot be read, or whose filter does not load, changes nothing", async () => {
  const t = await start();
  await t.daemon.reload(() => Promise.reject(new Error("line 3: no such key")));
  assertEquals(t.daemon.refusal, "The configuration was not replaced: line 3: no such key");
  t.broken.add("filter");
  const next = configOf([sourcePart("b")], [outputPart("two")]);
  await t.daemon.reload(() => Promise.resolve(next));
  assertEquals(t.daemon.refusal, "The configuration was not replaced: the filter does not load");
  assertEquals([t.readers.size, t.outputs.size, t.reader("a").events], [1, 1, []]);
  t.reader("a").push([9]);
  await until(() => t.written("one").length === 1);
  t.broken.clear();
  await t.daemon.reload(() => Promise.resolve(next));
  assertEquals(t.daemon.refusal, undefined);
  await t.finish();
});

Deno.test("Where a new part cannot be opened the old ones are opened again and go on", async () => {
  const t = await start();
  t.broken.add("b");
  const next = configOf([sourcePart("b")], [outputPart("two")]);
  await t.daemon.reload(() => Promise.resolve(next));
  assertEquals(t.daemon.refusal, "The configuration was not replaced: cannot open b");
  assertEquals(t.daemon.config.sources.map(({ name }) => name), ["a"]);
  // What was opened in vain is closed, and the sandboxes that were loaded for it.
  assertEquals(t.outputs.get("two")![0]!.writer.closed, 1);
  assertEquals(t.pools.map(({ events }) => events), [["reload"], ["close"]]);
  assertEquals(t.readers.get("a")!.length, 2);
  t.reader("a").push([4]);
  await until(() => t.written("one").length === 1);
  const counters = await t.finish();
  assertEquals([counters.sources.a!.received, counters.outputs.one!.written], [1, 1]);
});

Deno.test("Where the old parts cannot be opened again, either, the run ends with the error", async () => {
  const t = await start();
  t.broken.add("b").add("a");
  t.running.catch(() => {});
  await t.daemon.reload(() => Promise.resolve(configOf([sourcePart("b")], [outputPart("one")])));
  await assertRejects(() => t.running, Error, "cannot open a");
  const { signal } = new AbortController();
  await t.daemon.close(signal);
  assertEquals(t.outputs.get("one")![0]!.writer.closed, 1);
});

Deno.test("A source that is new takes rights that are gone after the start, and an output need not", async () => {
  const t = await start();
  t.daemon.lower();
  await t.daemon.reload(() => Promise.resolve(configOf([sourcePart("b")], [outputPart("one")])));
  assert(
    t.daemon.refusal?.includes("source b is new or changed, and only the user"),
    t.daemon.refusal,
  );
  await t.daemon.reload(() => Promise.resolve(configOf([sourcePart("a")], [outputPart("two")])));
  assertEquals(t.daemon.refusal, undefined);
  assertEquals(t.readers.get("a")!.length, 1);
  await t.finish();
});

Deno.test("Keys that take effect with the next start are said, and the filter is loaded anew", async () => {
  const t = await start();
  const log = { ...FIRST.log, level: "debug" as const };
  await t.daemon.reload(() => Promise.resolve({ ...FIRST, log, stopTimeoutMs: 5 }));
  assertEquals(t.said.length, 1);
  assert(t.said[0]!.includes("log has changed"), t.said[0]);
  assertEquals(t.daemon.config.stopTimeoutMs, 5);
  assertEquals([t.pools.length, t.pools[0]!.events], [1, []], "there is no script");
  await t.finish();
});

Deno.test("Reloads that come at once are done one after the other, and none after the close", async () => {
  const t = await start();
  const order: string[] = [];
  const reads = ["two", "three"].map((name) =>
    t.daemon.reload(() => {
      order.push(name);
      return Promise.resolve(configOf([sourcePart("a")], [outputPart(name)]));
    })
  );
  await Promise.all(reads);
  assertEquals([order, [...t.outputs.keys()]], [["two", "three"], ["one", "two", "three"]]);
  await t.finish();
  await t.daemon.reload(() => Promise.reject(new Error("never asked")));
  assertEquals(t.daemon.refusal, undefined);
});
