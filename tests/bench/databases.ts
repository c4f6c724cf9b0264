/**
 * Rows per second into SQLite, MariaDB and ClickHouse: nfscribe beside ulogd and the databases' own ways to load
 * many rows, in one run, in a network namespace of its own.
 *
 *     deno task bench:databases [PACKETS [ROUNDS]] [--sqlite | --mysql | --clickhouse] [--json]
 *
 * nfscribe takes UDP packets of 100 bytes as fast as another process sends them: its time is from the
 * first packet sent to the last row committed, with the flood and the capture on the same CPUs. From
 * its spool, with the flood over, it is the sender's alone. The database's own way then loads the
 * very rows of that spool: SQLite by a prepared statement of 50 rows in transactions of 100,000, with
 * values that were read before; MariaDB by `LOAD DATA LOCAL` of its own client from a file, ClickHouse by its own client from
 * files of RowBinary and of Native, in which the client has no work left. ulogd, which has
 * no output for ClickHouse, commits each
 * row by itself and loses most of such a flood: it gets a burst that waits in the kernel's buffer,
 * and is watched from the burst's end on.
 *
 * @module
 */

import { HAS_NFT } from "../kernel/firewall.ts";
import { hasUlogd } from "../peers/ulogd.ts";
import { ClickServer, noServer as noClickServer } from "../databases/click_server.ts";
import { MariaServer, noServer } from "../databases/maria_server.ts";
import { canRun, must, temporaryFolder } from "../system/process.ts";
import * as clickhouse from "./databases_clickhouse.ts";
import * as mysql from "./databases_mysql.ts";
import * as sqlite from "./databases_sqlite.ts";
import { type Comparison, measureAll } from "./load_report.ts";

const words = Deno.args.filter((word) => !word.startsWith("-"));
const [PACKETS = 500_000, ROUNDS = 3] = words.map(Number);
const asJson = Deno.args.includes("--json");
const wants = (name: string) =>
  Deno.args.includes(`--${name}`) ||
  !Deno.args.some((word) => /^--(sqlite|mysql|clickhouse)$/.test(word));

if (!HAS_NFT) {
  console.error("Cannot measure: needs nft, and the right to use it");
  Deno.exit(1);
}
const CPUs = (await must(["nproc"])).trim();
await using folder = await temporaryFolder();
const common = { packets: PACKETS, rounds: ROUNDS, asJson };
const missingUlogd = (plugin: string) =>
  hasUlogd(plugin) ? undefined : `needs ulogd 2 with ${plugin}, and root`;

if (wants("sqlite")) {
  const comparisons: Comparison[] = [
    { ours: "nfscribe", peer: "ulogd SQLITE3", goal: 100 },
    { ours: "  from its spool", peer: "50 rows a statement", goal: 0.8 },
  ];
  const bench = new sqlite.Bench(folder.path, PACKETS);
  await measureAll([
    { name: "nfscribe", measure: () => bench.flooded() },
    { name: "  from its spool", measure: () => bench.fromSpool() },
    { name: "50 rows a statement", measure: () => bench.prepared() },
    {
      name: "ulogd SQLITE3",
      missing: missingUlogd("SQLITE3"),
      measure: () => bench.ulogd(),
    },
  ], { ...common, comparisons, settings: { CPUs, SQLite: sqlite.version() } });
}

if (wants("mysql") && noServer() === undefined) {
  await using server = await MariaServer.start([
    "local-infile=1",
    "innodb-flush-log-at-trx-commit=1",
    "innodb-log-file-size=256M",
    "innodb-buffer-pool-size=256M",
  ]);
  const comparisons: Comparison[] = [
    { ours: "nfscribe", peer: "ulogd MYSQL flat", goal: 100 },
    { ours: "  from its spool", peer: "LOAD DATA LOCAL", goal: 0.8 },
  ];
  const bench = new mysql.Bench(server, folder.path, PACKETS);
  const version = await server.sql("SELECT version()");
  await measureAll([
    { name: "nfscribe", measure: () => bench.flooded() },
    { name: "  from its spool", measure: () => bench.fromSpool() },
    { name: "LOAD DATA LOCAL", measure: () => bench.loadData() },
    { name: "  by INSERT from its spool", measure: () => bench.fromSpool(false) },
    {
      name: "ulogd MYSQL flat",
      missing: missingUlogd("MYSQL"),
      measure: () => bench.ulogd(),
    },
  ], { ...common, comparisons, settings: { CPUs, version } });
}

if (wants("clickhouse") && noClickServer() === undefined) {
  await using server = await ClickServer.start();
  const comparisons: Comparison[] = [
    { ours: "nfscribe", peer: "clickhouse-client, RowBinary" },
    { ours: "  from its spool", peer: "clickhouse-client, RowBinary", goal: 0.8 },
    { ours: "  from its spool", peer: "clickhouse-client, Native", goal: 0.8 },
  ];
  const bench = new clickhouse.Bench(server, folder.path, PACKETS);
  const version = await server.sql("SELECT version()");
  await measureAll([
    { name: "nfscribe", measure: () => bench.flooded() },
    { name: "  from its spool", measure: () => bench.fromSpool() },
    ...(["RowBinary", "Native"] as const).map((format) => ({
      name: `clickhouse-client, ${format}`,
      missing: canRun("sh", "-c", "command -v clickhouse-client")
        ? undefined
        : "needs clickhouse-client",
      measure: () => bench.client(format),
    })),
    { name: "  by gzip from its spool", measure: () => bench.fromSpool("gzip") },
  ], { ...common, comparisons, settings: { CPUs, version } });
}
