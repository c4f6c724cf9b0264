/**
 * Ways to load packets into PostgreSQL, each measured once.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf } from "../../src/output/postgres/connection_string.ts";
import type { Sql } from "../../src/output/postgres/migrate.ts";
import { nft } from "../kernel/firewall.ts";
import { flood } from "../kernel/traffic.ts";
import { type Cluster, SUPERUSER } from "../postgres/cluster.ts";
import { finish, startTask } from "../postgres/firewall_to_table.ts";
import { must } from "../system/process.ts";
import { cpuOf, timed } from "./cpu.ts";
import { withUlogd } from "./databases_common.ts";
import { type Figures, QUIET_MS, watch } from "./load_report.ts";

const GROUP = 1;
/** Data of a UDP packet of 100 bytes. */
const DATA = 72;
/** Folder of ulogd's tables on Debian. */
const ULOGD_TABLES = "/usr/share/doc/ulogd2-pgsql";
const ULOGD_STACK = [
  "raw2packet_BASE:BASE",
  "filter_IFINDEX:IFINDEX",
  "filter_IP2STR:IP2STR",
  "filter_HWHDR:HWHDR",
];

/** Measures nfscribe, from the firewall's rule to the table. */
export function measureNfscribe(
  cluster: Cluster,
  folder: string,
  packets: number,
): Promise<Figures> {
  return withNfscribe(cluster, folder, async ({ sql, arrived }) => {
    const flooded = flood(packets, DATA);
    const { rows, lastMs } = await watch(arrived, packets);
    await flooded;
    // The flooding program takes a while to start; the kernel's timestamp of its first packet
    // counts.
    const firstMs = await count(sql, "SELECT extract(epoch FROM min(time)) * 1000 FROM packets");
    return { rows, seconds: (lastMs - firstMs) / 1000 };
  });
}

/** Measures nfscribe's sending alone: the table is locked until the spool has every row. */
export function measureSpool(
  cluster: Cluster,
  folder: string,
  packets: number,
): Promise<Figures> {
  return withNfscribe(cluster, folder, async ({ arrived, restart }) => {
    await using holder = connect(cluster, "postgres");
    await holder.begin(async (own) => {
      await own`LOCK TABLE packets IN ACCESS EXCLUSIVE MODE`;
      await flood(packets, DATA);
      // Packets that the kernel still holds arrive within its queue's timeout.
      await delay(QUIET_MS);
    });
    restart();
    const firstMs = Date.now();
    const { rows, lastMs } = await watch(arrived, packets);
    return { rows, seconds: (lastMs - firstMs) / 1000 };
  });
}

/** Resources of a measurement of nfscribe. */
interface Bench {
  sql: Sql;
  /** Returns the number of rows in the table. */
  arrived: () => Promise<number>;
  /** Restarts the count of CPU time. */
  restart: () => void;
}

/** Measures a fresh nfscribe with a fresh table. */
async function withNfscribe(
  cluster: Cluster,
  folder: string,
  measure: (bench: Bench) => Promise<{ rows: number; seconds: number }>,
): Promise<Figures> {
  await cluster.sql("DROP TABLE IF EXISTS packets, nfscribe_tables, nfscribe_spools CASCADE");
  await using rules = await nft([["input", `udp dport 9 counter log group ${GROUP} drop`]]);
  await using nfscribe = await startTask({ group: GROUP, folder, cluster });
  await using sql = connect(cluster, "postgres");
  await cluster.sql("CHECKPOINT");
  let before = cpuOf(nfscribe.pid);
  const { rows, seconds } = await measure({
    sql,
    arrived: () => count(sql, "SELECT coalesce(sum(rows), 0) FROM nfscribe_spools"),
    restart: () => before = cpuOf(nfscribe.pid),
  });
  const cpuMicros = cpuOf(nfscribe.pid) - before;
  const lost = await rules.count() - rows;
  await finish(nfscribe);
  const bytesPerRow = await sizeOf(cluster, "postgres") / rows;
  return { rows, seconds, cpuMicros, lost, bytesPerRow };
}

/** Measures psql's `\copy` of the rows in the table, which are first written to a file. */
export async function measureCopy(
  cluster: Cluster,
  file: string,
  format: "binary" | "text",
): Promise<Figures> {
  const psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", cluster.url(), "-c"];
  await must([...psql, `\\copy (SELECT * FROM packets) TO '${file}' (FORMAT ${format})`]);
  const rows = Number(await cluster.sql("SELECT count(*) FROM packets"));
  await cluster.sql("TRUNCATE packets");
  await cluster.sql("CHECKPOINT");
  const words = `\\copy packets FROM '${file}' (FORMAT ${format})`;
  const { seconds, cpuMicros } = await timed([...psql, words]);
  const bytesPerRow = await sizeOf(cluster, "postgres") / rows;
  return { rows, seconds, cpuMicros, bytesPerRow };
}

/** Tables of ulogd, and its settings to fill them. */
export interface UlogdTables {
  /** The script that creates them. */
  script: string;
  /** The table whose columns it fills. */
  table: string;
  /** `INSERT`, or the function to call. */
  procedure: string;
}

/** Measures ulogd with its PGSQL output and tables of its own. */
export async function measureUlogd(
  cluster: Cluster,
  folder: string,
  { script, table, procedure }: UlogdTables,
): Promise<Figures> {
  await cluster.sql("DROP DATABASE IF EXISTS ulogd");
  await cluster.sql("CREATE DATABASE ulogd");
  await cluster.sql(await must(["zcat", `${ULOGD_TABLES}/${script}.gz`]), "ulogd");
  const options = [
    'host="127.0.0.1"',
    `port=${cluster.port}`,
    `user="${SUPERUSER}"`,
    'pass=""',
    'db="ulogd"',
    `table="${table}"`,
    `procedure="${procedure}"`,
  ];
  await using sql = connect(cluster, "ulogd");
  await cluster.sql("CHECKPOINT");
  return await withUlogd(
    folder,
    { plugin: "PGSQL", options: options.join("\n") },
    ULOGD_STACK,
    () => count(sql, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ulog2__id_seq"),
    () => sizeOf(cluster, "ulogd"),
  );
}

/** Connects for counting: a process for each count would use the server's CPU. */
function connect(cluster: Cluster, database: string): Sql & AsyncDisposable {
  const sql = client(connectionOf(cluster.url(database), () => undefined));
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end() });
}

async function count(sql: Sql, query: string): Promise<number> {
  const [row] = await sql.unsafe(query);
  return Number(Object.values(row!)[0]);
}

async function sizeOf(cluster: Cluster, database: string): Promise<number> {
  const query = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class " +
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
  return Number(await cluster.sql(query, database));
}
