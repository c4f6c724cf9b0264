/**
 * Kills a program that writes to a database, over and over: `KILLS` says how often.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { NumberedOutput } from "../conformance/system/numbered_output.ts";
import { deno, ROOT, temporaryFolder } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import {
  ClickServer,
  noServer as noClickServer,
  PASSWORD as CLICK_PASSWORD,
} from "./click_server.ts";
import { assertCounted } from "./counts.ts";
import { MariaServer, noServer } from "./maria_server.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 3);
const RIGHTS = [
  ...["--allow-ffi", "--allow-read", "--allow-write", "--allow-env", "--allow-net=127.0.0.1"],
  "--unstable-worker-options",
];
/** Runs of the program: their rows, how many are different, and the last number. */
const QUERY = "SELECT hex(session) AS session, count(*) AS rows_there, " +
  "count(DISTINCT source_port) AS numbers, max(source_port) AS last FROM packets GROUP BY 1";

/** Kills the program at different places; returns what each run had accounted for. */
async function killed(type: string, table: Record<string, unknown>): Promise<number[]> {
  const taken: number[] = [];
  const program = deno(...RIGHTS, `${ROOT}tests/conformance/system/writing.ts`);
  for (let round = 0; round < KILLS; round++) {
    const [command, ...args] = [...program, type, JSON.stringify(table), "40000", "losses"];
    const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped" }).spawn();
    let accounted = 0;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      accounted = Number(text.trimEnd().split("\n").at(-1));
      if (accounted >= 100 + 700 * (round % 7)) break;
    }
    child.kill("SIGKILL");
    await child.status;
    taken.push(accounted);
  }
  // What waits is sent.
  const output = await NumberedOutput.open(type, table);
  await output.buffered.close();
  return taken;
}

/** Losses that each run has noted: each of another number of packets and from another source. */
const LOSSES = "SELECT count(*), count(DISTINCT capture), sum(packets), max(packets) " +
  "FROM packets_losses GROUP BY session ORDER BY 1";

/** Checks that the losses of each run are there once, and none is missing before the last. */
function assertLosses(losses: readonly (readonly number[])[], runs: readonly unknown[]): void {
  assertEquals(losses.length, runs.length);
  for (const [count, sources, packets, last] of losses) {
    assertEquals([count, sources, packets], [last, last, last! * (last! + 1) / 2]);
  }
}

/** Checks that each run has its rows from the first on, each once, and all that were accounted for. */
function check(rows: readonly (readonly number[])[], taken: readonly number[]): void {
  assertEquals(rows.length, taken.length);
  for (const [count, numbers, last] of rows) assertEquals([count, numbers], [last! + 1, last! + 1]);
  const counts = rows.map(([count]) => count!).sort((a, b) => a - b);
  for (const [index, least] of taken.toSorted((a, b) => a - b).entries()) {
    assertGreater(counts[index]!, least - 1);
  }
}

Deno.test(`killed ${KILLS} times, SQLite has each row once`, async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.db`;
  const taken = await killed("sqlite", { path, spool: `${folder.path}/spool`, hostname: "gate" });
  using database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(QUERY).all();
  await assertCounted((sql) =>
    Promise.resolve(database.prepare(sql).all().map((row) => Object.values(row)))
  );
  assertLosses(database.prepare(LOSSES).all().map((row) => Object.values(row).map(Number)), rows);
  check(
    rows.map(({ rows_there, numbers, last }) => [rows_there, numbers, last].map(Number)),
    taken,
  );
  assertEquals(database.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
});

const missing = noServer();
testUnless(missing, `killed ${KILLS} times, MySQL has each row once`, async () => {
  await using server = await MariaServer.start();
  await using folder = await temporaryFolder();
  const table = {
    url: server.url(),
    create: true,
    spool: `${folder.path}/spool`,
    hostname: "gate",
  };
  const taken = await killed("mysql", table);
  const query = async (sql: string) => (await server.sql(sql, "nfscribe")).split("\n");
  const rows = await query(QUERY);
  await assertCounted(query);
  const losses = (await query(LOSSES)).map((row) => row.split("\t").map(Number));
  assertLosses(losses, rows);
  check(rows.map((row) => row.split("\t").slice(1).map(Number)), taken);
});

const missingClick = noClickServer();
testUnless(missingClick, `killed ${KILLS} times, ClickHouse has each row once`, async () => {
  await using server = await ClickServer.start();
  await using folder = await temporaryFolder();
  const secret = `${folder.path}/secret`;
  await Deno.writeTextFile(secret, CLICK_PASSWORD, { mode: 0o600 });
  const table = {
    url: server.url(),
    secret_file: secret,
    create: true,
    spool: `${folder.path}/spool`,
    hostname: "gate",
    flush_ms: 20,
  };
  const taken = await killed("clickhouse", table);
  const rows = (await server.sql(
    QUERY.replace("hex(session)", "toString(session)")
      .replace("GROUP BY 1", "GROUP BY session"),
    "nfscribe",
  )).split("\n");
  check(rows.map((row) => row.split("\t").slice(1).map(Number)), taken);
});
