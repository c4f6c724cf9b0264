/**
 * From a firewall rule to a table: `nfscribe run` with a Postgres output.
 *
 * @module
 */

import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { type Running, startNfscribeWith } from "../kernel/nfscribe.ts";
import type { Cluster } from "./cluster.ts";

/** Options of a run. */
export interface Task {
  /** The group. */
  group: number;
  /** Folder of the configuration and the spool. */
  folder: string;
  /** The server. */
  cluster: Cluster;
  /** The database. */
  database?: string;
  /** Further lines of `[[source]]`. */
  source?: string;
  /** Further lines of `[output.postgres]`. */
  postgres?: string;
  /** Further tables. */
  further?: string;
}

/** Starts nfscribe; returns when it is ready. */
export async function startTask(task: Task): Promise<Running> {
  const { group, folder, cluster, database = "postgres", source = "", postgres = "" } = task;
  const config = `${folder}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "nflog"\ngroup = ${group}\ncopy_range = 100\n${source}\n` +
      `[output.postgres]\nurl = "${cluster.url(database)}"\ncreate = true\nhostname = "gate"\n` +
      `spool = "${folder}/spool"\n${postgres}\n${task.further ?? ""}\n[log]\nformat = "json"\n`,
  );
  return await startNfscribeWith(["--allow-net=127.0.0.1"], "-c", config);
}

/** Stops a run, which has lost nothing unless its status says so, and returns its counters. */
export async function finish(
  nfscribe: Running,
  status = 0,
): Promise<{ counters: Counters; stderr: string }> {
  nfscribe.kill("SIGTERM");
  const { code, counters, stderr } = await nfscribe.ended();
  if (code !== status) throw new Error(`nfscribe ended with status ${code}: ${stderr}`);
  return { counters, stderr };
}

/** Counts the rows of the table; to wait for them, since duplicates take a second to find. */
export async function rowsIn(cluster: Cluster): Promise<number> {
  return Number(await cluster.sql("SELECT count(*) FROM packets"));
}

/** Counts the rows of the table, and the duplicates. */
export async function countRows(
  cluster: Cluster,
  table = "packets",
): Promise<{ rows: number; twice: number }> {
  const [rows, unique] = (await cluster.sql(
    `SELECT count(*), count(DISTINCT (session, capture, seq)) FROM ${table}`,
  )).split("|").map(Number);
  return { rows: rows!, twice: rows! - unique! };
}
