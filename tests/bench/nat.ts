/**
 * The question for the holder of a translated address and port among many flows, in SQLite,
 * PostgreSQL and MariaDB.
 *
 *     deno task bench:nat [FLOWS]
 *
 * Each flow has a record of its beginning and one of its end; ports of one address are used again and
 * again. The servers' plans must use the indexes. The question is asked by the command line, as a person would, ten times for different
 * flows; the time of `nfscribe db schema`, which connects to nothing, stands beside it.
 *
 * @module
 */

import {
  MYSQL,
  POSTGRES,
  type SqlDialect,
  SQLITE,
} from "../../src/filter/expression/sql/dialect.ts";
import type { RawFlow } from "../../src/flow/raw_flow.ts";
import { natConditions, type NatQuestion } from "../../src/output/table/nat_question.ts";
import type { Writer } from "../../src/output/output.ts";
import { flowRows, translated } from "../databases/flow_rows.ts";
import { MariaServer, noServer } from "../databases/maria_server.ts";
import { spoolTo } from "../databases/mysql.ts";
import { recorder } from "../databases/rows.ts";
import { place } from "../databases/sqlite.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { openWriter } from "../postgres/sending.ts";
import { must, ROOT, temporaryFolder, until } from "../system/process.ts";

const FLOWS = Number(Deno.args[0] ?? 1_000_000);
const [START, PORTS, FIRST_PORT, SECONDS, QUESTIONS] = [1_795_852_800, 60_000, 1024, 30, 10];
const BATCH = 1000;

/** Records of a flow: its beginning and its end. */
function recordsOf(id: number): RawFlow[] {
  const outerPort = FIRST_PORT + id % PORTS;
  const start = START + Math.floor(id / PORTS) * 60 + id % 7;
  const flow = { host: 1 + id % 60_000, port: outerPort, outerPort, start, id };
  return [translated(flow), translated({ ...flow, end: start + SECONDS })];
}

/** Writes all flows; returns the seconds until they were committed. */
async function write(writer: Writer): Promise<number> {
  const since = performance.now();
  for (let id = 0; id < FLOWS; id += BATCH) {
    const records = Array.from(
      { length: Math.min(BATCH, FLOWS - id) },
      (_, n) => recordsOf(id + n),
    );
    await writer.write(flowRows(records.flat()), 2 * records.length);
    // The sender's thread shares the CPUs.
    if (id % (20 * BATCH) === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await until("all arrived", () => writer.delivery!.written === 2 * FLOWS, 1_800_000);
  await writer[Symbol.asyncDispose]();
  return (performance.now() - since) / 1000;
}

async function secondsOf(...args: string[]): Promise<[seconds: number, stdout: string]> {
  const since = performance.now();
  const stdout = await must([`${ROOT}scripts/nfscribe`, "db", ...args]);
  return [(performance.now() - since) / 1000, stdout];
}

/** Asks for flows in all of the table; returns the seconds of each question. */
async function ask(option: string, target: string): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < QUESTIONS; n++) {
    const id = Math.floor(FLOWS * (n + 0.5) / QUESTIONS);
    const [{ original }] = recordsOf(id) as [RawFlow];
    const at = new Date((START + Math.floor(id / PORTS) * 60 + id % 7 + 5) * 1000).toISOString();
    const port = FIRST_PORT + id % PORTS;
    const [seconds, answer] = await secondsOf(
      ...["query", option, target, "--nat", `198.51.100.7:${port}`, "--at", at],
    );
    const host = 1 + id % 60_000;
    const right = `10.0.${host >> 8}.${host & 0xff}:${original.sourcePort} UDP to `;
    if (!answer.startsWith(right) || answer.split("\n").length !== 2) {
      throw new Error(`Not the holder of port ${port} at ${at}: ${answer}`);
    }
    times.push(seconds);
  }
  return times.sort((a, b) => a - b);
}

function report(name: string, written: number, times: readonly number[]): void {
  const [least, median, most] = [times[0]!, times[times.length >> 1]!, times.at(-1)!];
  console.log(
    `${name.padEnd(10)}  ${Math.round(2 * FLOWS / written).toLocaleString("en")} rows/s  ` +
      `${median.toFixed(3)} s (${least.toFixed(3)} – ${most.toFixed(3)})`,
  );
}

/** Requires that the server's plan for a question has an index in each of its lines of reading. */
async function requireIndex(
  dialect: SqlDialect,
  explain: (query: string) => Promise<string>,
  isRead: RegExp,
): Promise<void> {
  const question = { address: Uint8Array.of(198, 51, 100, 7), port: 30_000 } as NatQuestion;
  for (const condition of natConditions(question, undefined, dialect)) {
    const plan = await explain(`SELECT * FROM flows WHERE ${condition} ORDER BY time`);
    if (isRead.test(plan)) throw new Error(`The plan reads the table: ${plan}`);
  }
}

await using folder = await temporaryFolder();
const { log } = recorder();
console.log(`${FLOWS.toLocaleString("en")} flows, two records each; ${QUESTIONS} questions`);
const starts: number[] = [];
for (let n = 0; n < 3; n++) starts.push((await secondsOf("schema"))[0]);
console.log(`db schema   ${starts.sort((a, b) => a - b)[1]!.toFixed(3)} s`);
{
  await using there = await place();
  const written = await write(await there.open());
  report("SQLite", written, await ask("--sqlite", there.path));
  const explained = (query: string) =>
    Promise.resolve(there.query(`EXPLAIN QUERY PLAN ${query}`).map((row) => row[3]).join("\n"));
  await requireIndex(SQLITE, explained, /SCAN/);
  const { size } = Deno.statSync(there.path);
  console.log(`            ${Math.round(size / 2 / FLOWS)} bytes a record, indexes included`);
}
if (await noCluster() === undefined) {
  await using cluster = await Cluster.start();
  const url = cluster.url();
  const written = await write(await openWriter(url, `${folder.path}/spool`, log));
  report("PostgreSQL", written, await ask("--postgres", url));
  // Partitions without rows are read in no time.
  await cluster.sql("VACUUM ANALYZE flows");
  await requireIndex(
    POSTGRES,
    (query) => cluster.sql(`EXPLAIN ${query}`),
    /Seq Scan on flows_2026.*rows=[1-9]\d{2}/,
  );
}
if (noServer() === undefined) {
  await using server = await MariaServer.start();
  await using there = await spoolTo(server, "nfscribe");
  const written = await write(await there.open());
  report("MariaDB", written, await ask("--mysql", server.url("nfscribe")));
  await requireIndex(MYSQL, (query) => there.query(`EXPLAIN ${query}`), /\tALL\t/);
}
