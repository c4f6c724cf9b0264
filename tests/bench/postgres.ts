/**
 * Rows per second into PostgreSQL: nfscribe beside ulogd and psql's `\copy`, in one
 * run, on one server, in a network namespace of its own.
 *
 *     deno task bench:postgres [PACKETS [ROUNDS]] [--json]
 *
 * Each round begins with empty tables and a checkpoint. nfscribe takes UDP packets of
 * 100 bytes as fast as another process sends them: its time is from the first packet
 * sent to the last row committed, with the flood and the capture on the same CPUs; from
 * its spool, with the flood over, it is the sender's alone.
 * `\copy` then loads the very rows that nfscribe wrote, from a file, into the same
 * table. ulogd commits each row by itself and loses most of such a flood: it gets a
 * burst that waits in the kernel's buffer, and is watched from the burst's end on, for
 * ten seconds, while it has the machine for itself.
 *
 * @module
 */

import { must, temporaryFolder } from "../system/process.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { type Comparison, type Loader, measureAll } from "./load_report.ts";
import { hasUlogd } from "../peers/ulogd.ts";
import { measureCopy, measureNfscribe, measureSpool, measureUlogd } from "./postgres_loaders.ts";

const [PACKETS = 1_000_000, ROUNDS = 3] = Deno.args.filter((word) => !word.startsWith("-"))
  .map(Number);
const JSON_WANTED = Deno.args.includes("--json");

/** Ratios of rows per second, and their targets. */
const COMPARISONS: readonly Comparison[] = [
  { ours: "nfscribe", peer: "ulogd flat", goal: 100 },
  { ours: "nfscribe", peer: "ulogd", goal: 100 },
  { ours: "nfscribe", peer: "psql \\copy binary", goal: 0.7 },
  { ours: "nfscribe", peer: "psql \\copy text", goal: 0.7 },
  { ours: "  from its spool", peer: "psql \\copy binary" },
];

/** Settings that affect the figures. */
const SETTINGS = [
  "server_version",
  "synchronous_commit",
  "fsync",
  "wal_level",
  "shared_buffers",
  "max_wal_size",
];

const noUlogd = hasUlogd("PGSQL") ? undefined : "needs ulogd 2 with PGSQL, and root";

/** In the order of a round: `\copy` loads the rows that nfscribe wrote. */
const loadersOf = (cluster: Cluster, folder: string): readonly Loader[] => [
  {
    name: "nfscribe",
    measure: () => measureNfscribe(cluster, folder, PACKETS),
  },
  {
    name: "  from its spool",
    measure: () => measureSpool(cluster, folder, PACKETS),
  },
  {
    name: "psql \\copy binary",
    measure: () => measureCopy(cluster, `${folder}/rows.binary`, "binary"),
  },
  {
    name: "psql \\copy text",
    measure: () => measureCopy(cluster, `${folder}/rows.text`, "text"),
  },
  {
    name: "ulogd flat",
    missing: noUlogd,
    measure: () =>
      measureUlogd(cluster, folder, {
        script: "pgsql-ulogd2-flat.sql",
        table: "ulog2",
        procedure: "INSERT",
      }),
  },
  {
    name: "ulogd",
    missing: noUlogd,
    measure: () =>
      measureUlogd(cluster, folder, {
        script: "pgsql-ulogd2.sql",
        table: "ulog",
        procedure: "INSERT_PACKET_FULL",
      }),
  },
];

async function settingsOf(cluster: Cluster): Promise<Record<string, string>> {
  const settings: Record<string, string> = { CPUs: (await must(["nproc"])).trim() };
  for (const name of SETTINGS) settings[name] = await cluster.sql(`SHOW ${name}`);
  return settings;
}

if (import.meta.main) {
  const missing = HAS_NFT ? await noCluster() : "needs nft, and the right to use it";
  if (missing !== undefined) {
    console.error(`Cannot measure: ${missing}`);
    Deno.exit(1);
  }
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await measureAll(loadersOf(cluster, folder.path), {
    packets: PACKETS,
    rounds: ROUNDS,
    comparisons: COMPARISONS,
    settings: await settingsOf(cluster),
    asJson: JSON_WANTED,
  });
}
