/**
 * Questions of the web page to a SQLite file with many rows: the first page, a search in a time
 * range, charts, top lists, the live end.
 *
 *     deno task bench:web [ROWS] [--keep PATH]
 *
 * The rows are loaded by the output's own loader, spread over 30 days; with `--keep` the file is used
 * again. Each question is asked five times; the median and the longest time are printed, each with the
 * goal. Times are those of the reader in the thread that has the file, without HTTP.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import { SqliteReceiver } from "../../src/output/sqlite/sender/receiver.ts";
import type { Choice, StoreReader } from "../../src/output/table/reading.ts";
import { temporaryFolder } from "../system/process.ts";
import { manyRows } from "./many_rows.ts";

const [HOUR, DAY] = [3_600_000, 86_400_000];
const DAYS = 30;
const ROUNDS = 5;

const options = parseArgs(Deno.args.map(String), { string: ["keep"] });
const ROWS = Number(options._[0] ?? 10_000_000);
const TABLES = { table: "packets", flowsTable: "flows", countersTable: "counters" };

/** Loads the rows; returns the seconds that it took. */
async function load(path: string, nowMs: number): Promise<number> {
  const receiver = new SqliteReceiver({ path }, {
    setup: {
      tables: { packet: "packets", flow: "flows", counter: "counters" },
      folder: "",
      session: "",
      host: "gate",
      flushMs: 1,
      flushRows: 1,
      sync: false,
      found: [],
      numbers: new SharedArrayBuffer(0),
    },
    log: { info() {}, warn: console.error },
    onProgress() {},
    quarantine: () => Promise.reject(new Error("a row was refused")),
  });
  await receiver.connect();
  let [position, ms] = [-1, 0];
  for (const batch of manyRows(ROWS, nowMs - DAYS * DAY, nowMs)) {
    const since = performance.now();
    await receiver.load(batch, position);
    ms += performance.now() - since;
    position = batch.to;
  }
  await receiver.close();
  return ms / 1000;
}

/** A question, the longest time that it may take in milliseconds, and what it finds. */
type Asked = readonly [
  name: string,
  goalMs: number | undefined,
  ask: (reader: StoreReader) => Promise<string>,
];

function questions(nowMs: number): Asked[] {
  const span = (ms: number) => ({ fromMs: nowMs - ms, toMs: nowMs + 1 });
  const [month, day, hour] = [DAYS * DAY, DAY, HOUR].map(span) as [
    Choice["span"],
    Choice["span"],
    Choice["span"],
  ];
  const budget = () => ({ ms: 5000, signal: new AbortController().signal });
  const page = (name: string, where: string | undefined, span: Choice["span"], goal?: number) =>
    [name, goal, async (reader: StoreReader) => {
      const found = await reader.page({ kind: "packet", where, span }, 200, undefined, budget());
      return `${found.rows.length} rows${found.isComplete ? ", complete" : ""}`;
    }] as const;
  const chart = (
    name: string,
    where: string | undefined,
    span: Choice["span"],
    step: number,
    goal: number | undefined,
  ) =>
    [name, goal, async (reader: StoreReader) => {
      const found = await reader.chart(
        { kind: "packet", where, span },
        step,
        "prefix",
        budget(),
      );
      const packets = found.packets.flat().reduce((sum, count) => sum + count, 0);
      return `${packets} packets${found.isComplete ? "" : ", not complete"}`;
    }] as const;
  const top = (name: string, span: Choice["span"], where?: string) =>
    [name, undefined, async (reader: StoreReader) => {
      const keys = ["source", "destinationPort", "protocol", "prefix"] as const;
      const found = await reader.top({ kind: "packet", where, span }, [...keys], 10, budget());
      return `${found.counted} counted${found.isComplete ? "" : ", not complete"}`;
    }] as const;
  return [
    ["summary", 300, async (reader) => `${(await reader.summary(budget())).kinds[0]!.rows} rows`],
    page("first page", undefined, month, 300),
    page("a port, all times", "tcp dst port 22", month, undefined),
    page("a rare sender, a day", "src host 10.0.78.31", day, 500),
    page("nothing, a day", "src host 192.0.2.200", day, 500),
    page("nothing, all times", "src host 192.0.2.200", month, undefined),
    chart("chart of a month", undefined, month, 6 * HOUR, 500),
    chart("chart of a month, a protocol", "udp", month, 6 * HOUR, 500),
    chart("chart of a day by minutes", undefined, day, 5 * 60_000, 500),
    chart("chart of a day, a port", "dst port 22", day, 5 * 60_000, 500),
    chart("chart of 10 minutes by seconds", undefined, span(600_000), 5000, 500),
    top("top lists of the last hour", hour),
    top("top lists of a day", day),
    top("top lists of all", month),
    ["live end, nothing new", 10, async (reader) => {
      const { after } = await reader.arrived({ kind: "packet" }, undefined, 200, budget());
      const { rows } = await reader.arrived({ kind: "packet" }, after, 200, budget());
      return `${rows.length} rows`;
    }],
  ];
}

await using folder = await temporaryFolder();
const path = (options.keep as string | undefined) ?? `${folder.path}/nfscribe.db`;
let nowMs = Date.now();
if (options.keep === undefined || !await Deno.stat(path).then(() => true, () => false)) {
  const seconds = await load(path, nowMs);
  console.log(`${ROWS} rows loaded in ${seconds.toFixed(1)} s, ${Math.round(ROWS / seconds)}/s`);
}
await using reader = await new SqliteDatabase({ path, ...TABLES } as never).open!();
const { kinds } = await reader.summary({ ms: 5000, signal: new AbortController().signal });
nowMs = kinds[0]!.newestMs!;
console.log("question".padEnd(34), "median ms", "most ms", "goal", "found");
for (const [name, goalMs, ask] of questions(nowMs)) {
  const times: number[] = [];
  let found = "";
  for (let round = 0; round < ROUNDS; round++) {
    const since = performance.now();
    found = await ask(reader);
    times.push(performance.now() - since);
  }
  times.sort((a, b) => a - b);
  const [median, most] = [times[ROUNDS >> 1]!, times.at(-1)!];
  console.log(
    name.padEnd(34),
    median.toFixed(1).padStart(9),
    most.toFixed(1).padStart(7),
    String(goalMs ?? "").padStart(4),
    found,
  );
}
