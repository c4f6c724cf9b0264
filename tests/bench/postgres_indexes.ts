/**
 * Costs and gains of indexes on the table of packets.
 *
 *     deno run --allow-read --allow-write --allow-run --allow-env --allow-net=127.0.0.1 \
 *       --allow-sys=uid tests/bench/postgres_indexes.ts [ROWS [ROUNDS]]
 *
 * Rows of one day are copied from files of 100,000 rows, a transaction each, as nfscribe does, but
 * without a network: the share of the indexes is the largest possible. Searches run when everything
 * is in memory: the best of five, for an address and a network that a hundred-thousandth of the
 * rows have.
 *
 * @module
 */

import { migrate } from "../../src/output/postgres/migrate.ts";
import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf } from "../../src/output/postgres/connection_string.ts";
import { ensurePartitions } from "../../src/output/postgres/partitions.ts";
import { parseTable } from "../../src/output/postgres/table.ts";
import { Cluster } from "../postgres/cluster.ts";
import { must } from "../system/process.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

const ROWS = Number(Deno.args[0] ?? 2_000_000);
const ROUNDS = Number(Deno.args[1] ?? 2);
const BATCH = 100_000;
/** 2026-01-01, in days since the Unix epoch. */
const DAY = 20_454;
const PARTITION = "packets_20260101";

/** Indexes, and the time of their creation. */
interface Variant {
  name: string;
  /** On the table, before rows are loaded. */
  before: readonly string[];
  /** On the day's partition, after the day. */
  after: readonly string[];
}

const TIME = "brin (time)";
const both = (method: string, operators = "") =>
  ["source_address", "destination_address"].map((column) => `${method} (${column} ${operators})`);

const VARIANTS: readonly Variant[] = [
  { name: "none", before: [], after: [] },
  { name: "BRIN time", before: [TIME], after: [] },
  { name: "  + BRIN bloom", before: [TIME, ...both("brin", "inet_bloom_ops")], after: [] },
  {
    name: "  + BRIN minmax_multi",
    before: [TIME, ...both("brin", "inet_minmax_multi_ops")],
    after: [],
  },
  { name: "  + B-tree", before: [TIME, ...both("btree")], after: [] },
  { name: "  + B-tree afterwards", before: [TIME], after: both("btree") },
];

/** Figures of a variant. */
interface Figures {
  rowsPerSecond: number;
  afterSeconds: number;
  megabytes: number;
  addressMs: number;
  networkMs: number;
}

/**
 * Half of the packets come from a few thousand hosts, half from random ones; most go to one
 * network.
 */
const GENERATE = `
CREATE FUNCTION anywhere() RETURNS inet LANGUAGE sql VOLATILE AS
  $$ SELECT '0.0.0.0'::inet + (random() * 4294967295)::bigint $$;
CREATE FUNCTION batch(first bigint, size bigint) RETURNS SETOF packets LANGUAGE sql AS $$
  SELECT '2026-01-01 00:00Z'::timestamptz + i * interval '1 day' / ${ROWS}, 'gate', 'nflog:1',
    '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'::uuid, i, 'drop: ', 1::smallint, 0::bigint, 'eth0', NULL::text,
    '02:00:5e:10:00:01'::macaddr, '02:00:5e:10:00:02'::macaddr, 2048,
    CASE WHEN i % 100000 = 50000 THEN '198.51.100.77'::inet
      WHEN i % 2 = 0 THEN '203.0.0.0'::inet + (random() * 2000)::bigint * 4099 ELSE anywhere() END,
    CASE WHEN i % 10 = 0 THEN anywhere() ELSE '192.0.2.0'::inet + (random() * 255)::bigint END,
    6::smallint, (1024 + random() * 60000)::integer, (random() * 1024)::integer, 2::smallint,
    NULL::smallint, NULL::smallint, 60, 52::smallint, 0::smallint, NULL::bigint, NULL::bigint,
    NULL::jsonb, NULL::bytea
  FROM generate_series(first, first + size - 1) i $$`;

const DURING = `time >= '2026-01-01 00:00Z' AND time < '2026-01-02 00:00Z'`;
const SEARCHES = {
  addressMs: `SELECT * FROM packets WHERE ${DURING} AND source_address = '198.51.100.77'`,
  // BRIN can use the bounds, but not the operator.
  networkMs: `SELECT * FROM packets WHERE ${DURING} AND source_address <<= '198.51.100.0/24'
    AND source_address BETWEEN '198.51.100.0' AND '198.51.100.255'`,
};

async function measure(cluster: Cluster, { before, after }: Variant): Promise<Figures> {
  await cluster.sql(`TRUNCATE packets; ${dropIndexes(await indexes(cluster))}`);
  for (const index of before) await cluster.sql(`CREATE INDEX ON packets USING ${index}`);
  await cluster.sql("CHECKPOINT");
  const begin = performance.now();
  const copies = Array.from(
    { length: ROWS / BATCH },
    (_, batch) => `COPY packets FROM '${cluster.folder}/${batch}' (FORMAT binary);`,
  );
  await cluster.sql(copies.join("\n"));
  const rowsPerSecond = ROWS / (performance.now() - begin) * 1000;
  const over = performance.now();
  for (const index of after) await cluster.sql(`CREATE INDEX ON ${PARTITION} USING ${index}`);
  await cluster.sql(`VACUUM ANALYZE ${PARTITION}`);
  const afterSeconds = (performance.now() - over) / 1000;
  const size = await cluster.sql(`SELECT pg_indexes_size('${PARTITION}') / 1048576.0`);
  return {
    rowsPerSecond,
    afterSeconds,
    megabytes: Number(size),
    addressMs: await best(cluster, SEARCHES.addressMs),
    networkMs: await best(cluster, SEARCHES.networkMs),
  };
}

async function best(cluster: Cluster, query: string): Promise<number> {
  const plans = await cluster.sql(`EXPLAIN (ANALYZE, TIMING off) ${query};`.repeat(5));
  return Math.min(
    ...[...plans.matchAll(/Execution Time: ([\d.]+) ms/g)].map(([, ms]) => Number(ms)),
  );
}

async function indexes(cluster: Cluster): Promise<string[]> {
  const names = await cluster.sql(
    "SELECT indexrelid::regclass FROM pg_index JOIN pg_class c ON c.oid = indexrelid " +
      `WHERE indrelid IN ('packets'::regclass, '${PARTITION}'::regclass) AND NOT c.relispartition`,
  );
  return names.split("\n").filter((name) => name !== "");
}

function dropIndexes(names: readonly string[]): string {
  return names.map((name) => `DROP INDEX ${name};`).join(" ");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function prepare(cluster: Cluster): Promise<void> {
  const sql = client(connectionOf(cluster.url(), () => undefined));
  const table = parseTable("packets");
  await migrate(sql, PACKETS, table, { create: true });
  await ensurePartitions(sql, table, [DAY]);
  await sql.end();
  const copies = Array.from(
    { length: ROWS / BATCH },
    (_, batch) =>
      `COPY (SELECT * FROM batch(${
        batch * BATCH
      }, ${BATCH})) TO '${cluster.folder}/${batch}' (FORMAT binary);`,
  );
  await cluster.sql(`${GENERATE}; ${copies.join("\n")}`);
}

if (import.meta.main) {
  await using cluster = await Cluster.start({
    settings: ["autovacuum = off", "max_wal_size = 8GB", "shared_buffers = 256MB"],
  });
  await prepare(cluster);
  const figures = new Map<string, Figures[]>(VARIANTS.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of VARIANTS) {
      figures.get(variant.name)!.push(await measure(cluster, variant));
    }
  }
  const of = (name: string, key: keyof Figures) => mean(figures.get(name)!.map((one) => one[key]));
  const bare = of("none", "rowsPerSecond");
  console.log(`${ROWS} rows, ${ROUNDS} rounds, ${(await must(["nproc"])).trim()} CPUs`);
  console.log("indexes               rows/s  of none  afterwards  size MB  address ms   /24 ms");
  for (const { name } of VARIANTS) {
    const speed = of(name, "rowsPerSecond");
    console.log(
      [
        name.padEnd(21),
        speed.toFixed(0).padStart(7),
        `${(speed / bare * 100).toFixed(0)} %`.padStart(7),
        `${of(name, "afterSeconds").toFixed(1)} s`.padStart(10),
        of(name, "megabytes").toFixed(1).padStart(7),
        of(name, "addressMs").toFixed(2).padStart(10),
        of(name, "networkMs").toFixed(2).padStart(7),
      ].join("  ").replace(/(\S)  +$/, "$1"),
    );
  }
}
