/**
 * Ways of packets into PostgreSQL, each measured once.
 *
 * @module
 */

import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf } from "../../src/output/postgres/connection.ts";
import type { Sql } from "../../src/output/postgres/migrate.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { nft } from "../kernel/firewall.ts";
import { flood } from "../kernel/traffic.ts";
import { startUlogd } from "../peers/ulogd.ts";
import { type Cluster, SUPERUSER } from "../postgres/cluster.ts";
import { finish, startTask } from "../postgres/firewall_to_table.ts";
import { must } from "../system/process.ts";
import { cpuOf } from "./cpu.ts";

const GROUP = 1;
/** Data of a UDP packet of 100 bytes. */
const DATA = 72;
/** How often to look whether rows have arrived, in milliseconds. */
const LOOK_MS = 10;
/** When no row came for so long, no more come, in milliseconds. */
const QUIET_MS = 2000;
/** How long ulogd is watched, in milliseconds. */
const ULOGD_MS = 10_000;
/** What ulogd gets: more than it writes in that time, and no more than its buffer of 16 MiB holds. */
const ULOGD_PACKETS = 30_000;
/** Where Debian has ulogd's tables. */
const ULOGD_TABLES = "/usr/share/doc/ulogd2-pgsql";
const ULOGD_STACK = [
  "raw2packet_BASE:BASE",
  "filter_IFINDEX:IFINDEX",
  "filter_IP2STR:IP2STR",
  "filter_HWHDR:HWHDR",
];

/** Runs a command in bash and prints its user and system time, in seconds. */
const TIMED = 'TIMEFORMAT="%U %S"; { time "$@"; } 2>&1';

/** What a round came to. */
export interface Figures {
  /** Rows that are in the table. */
  rows: number;
  /** From the first packet sent to the last row seen, in seconds. */
  seconds: number;
  /** CPU time of the program that loads, in microseconds; the server's is not in it. */
  cpuMicros: number;
  /** Bytes of the tables with their indexes. */
  bytes: number;
  /** Packets that were logged and are no rows. */
  lost?: number;
}

/** nfscribe, from the firewall's rule to the table. */
export async function measureNfscribe(
  cluster: Cluster,
  folder: string,
  packets: number,
): Promise<Figures> {
  await cluster.sql("DROP TABLE IF EXISTS packets, nfscribe_tables, nfscribe_spools CASCADE");
  await using rules = await nft([["input", `udp dport 9 counter log group ${GROUP} drop`]]);
  await using nfscribe = await startTask({ group: GROUP, folder, cluster });
  await using sql = connect(cluster, "postgres");
  await cluster.sql("CHECKPOINT");
  const arrived = () => count(sql, "SELECT coalesce(sum(rows), 0) FROM nfscribe_spools");
  const before = cpuOf(nfscribe.pid);
  const begin = performance.now();
  const flooded = flood(packets, DATA);
  const { rows, seconds } = await watch(arrived, begin, packets);
  await flooded;
  const cpuMicros = cpuOf(nfscribe.pid) - before;
  const lost = await rules.count() - rows;
  await finish(nfscribe);
  return { rows, seconds, cpuMicros, lost, bytes: await sizeOf(cluster, "postgres") };
}

/** psql's `\copy` of the rows that are in the table: they go into a file, and come back. */
export async function measureCopy(
  cluster: Cluster,
  file: string,
  format: "binary" | "text",
): Promise<Figures> {
  const psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", cluster.url(), "-c"];
  await must([...psql, `\\copy packets TO '${file}' (FORMAT ${format})`]);
  const rows = Number(await cluster.sql("SELECT count(*) FROM packets"));
  await cluster.sql("TRUNCATE packets");
  await cluster.sql("CHECKPOINT");
  const words = `\\copy packets FROM '${file}' (FORMAT ${format})`;
  const begin = performance.now();
  const cpu = await must(["bash", "-c", TIMED, "bash", ...psql, words]);
  const seconds = (performance.now() - begin) / 1000;
  const cpuMicros = cpu.trim().split(" ").reduce((sum, part) => sum + Number(part) * 1e6, 0);
  const bytes = await sizeOf(cluster, "postgres");
  return { rows, seconds, cpuMicros, bytes };
}

/** ulogd with its PGSQL output, into tables of its own. */
export async function measureUlogd(
  cluster: Cluster,
  folder: string,
  tables: string,
): Promise<Figures> {
  await cluster.sql("DROP DATABASE IF EXISTS ulogd");
  await cluster.sql("CREATE DATABASE ulogd");
  await cluster.sql(await must(["zcat", `${ULOGD_TABLES}/${tables}.gz`]), "ulogd");
  const where = [`host="127.0.0.1"`, `port=${cluster.port}`, `user="${SUPERUSER}"`, `db="ulogd"`];
  const options = [...where, 'pass=""', 'table="ulog"', 'procedure="INSERT_PACKET_FULL"'];
  await using _rules = await nft([["input", `udp dport 9 counter log group ${GROUP} drop`]]);
  await using ulogd = await startUlogd(
    folder,
    GROUP,
    { plugin: "PGSQL", options: options.join("\n") },
    ULOGD_STACK,
  );
  const pid = holderOf(readProcFile("/proc/net/netfilter/nfnetlink_log") ?? "", GROUP)!;
  await using sql = connect(cluster, "ulogd");
  await cluster.sql("CHECKPOINT");
  const arrived = () =>
    count(sql, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ulog2__id_seq");
  const before = cpuOf(pid);
  const begin = performance.now();
  const flooded = flood(ULOGD_PACKETS, DATA);
  const { rows, seconds } = await watch(arrived, begin, ULOGD_PACKETS, ULOGD_MS);
  await flooded;
  const cpuMicros = cpuOf(pid) - before;
  const bytes = await sizeOf(cluster, "ulogd");
  await ulogd.stop();
  return { rows, seconds, cpuMicros, bytes };
}

/** Looks at how many rows there are, until all are, or the time is up, or no more come. */
async function watch(
  arrived: () => Promise<number>,
  begin: number,
  expected: number,
  mostMs = Infinity,
): Promise<{ rows: number; seconds: number }> {
  let rows = 0;
  let last = begin;
  for (let now = begin; rows < expected && now - begin < mostMs;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const seen = await arrived();
    now = performance.now();
    if (seen > rows) last = now;
    else if (rows > 0 && now - last > QUIET_MS) break;
    rows = seen;
  }
  return { rows, seconds: (last - begin) / 1000 };
}

/** A connection that looks at the server: a program for each look would take its CPU. */
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
