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
import { type Spread, spread } from "./summary.ts";
import { hasUlogd } from "../peers/ulogd.ts";
import {
  type Figures,
  measureCopy,
  measureNfscribe,
  measureSpool,
  measureUlogd,
} from "./postgres_loaders.ts";

const [PACKETS = 1_000_000, ROUNDS = 3] = Deno.args.filter((word) => !word.startsWith("-"))
  .map(Number);
const JSON_WANTED = Deno.args.includes("--json");

/** Ratios of rows per second, and their targets. */
const COMPARISONS: readonly { ours: string; peer: string; goal?: number }[] = [
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

/** A way to load packets into the database. */
interface Loader {
  name: string;
  /** Reason why it cannot run; undefined if it can. */
  missing?: string | undefined;
  measure(cluster: Cluster, folder: string): Promise<Figures>;
}

const noUlogd = hasUlogd("PGSQL") ? undefined : "needs ulogd 2 with PGSQL, and root";

/** In the order of a round: `\copy` loads the rows that nfscribe wrote. */
const LOADERS: readonly Loader[] = [
  {
    name: "nfscribe",
    measure: (cluster, folder) => measureNfscribe(cluster, folder, PACKETS),
  },
  {
    name: "  from its spool",
    measure: (cluster, folder) => measureSpool(cluster, folder, PACKETS),
  },
  {
    name: "psql \\copy binary",
    measure: (cluster, folder) => measureCopy(cluster, `${folder}/rows.binary`, "binary"),
  },
  {
    name: "psql \\copy text",
    measure: (cluster, folder) => measureCopy(cluster, `${folder}/rows.text`, "text"),
  },
  {
    name: "ulogd flat",
    missing: noUlogd,
    measure: (cluster, folder) =>
      measureUlogd(cluster, folder, {
        script: "pgsql-ulogd2-flat.sql",
        table: "ulog2",
        procedure: "INSERT",
      }),
  },
  {
    name: "ulogd",
    missing: noUlogd,
    measure: (cluster, folder) =>
      measureUlogd(cluster, folder, {
        script: "pgsql-ulogd2.sql",
        table: "ulog",
        procedure: "INSERT_PACKET_FULL",
      }),
  },
];

/** Results of a way to load packets. */
interface Summary {
  name: string;
  skipped?: string;
  rowsPerSecond?: Spread;
  cpuMicrosPerRow?: Spread;
  bytesPerRow?: Spread;
  lost?: number;
}

function summarize({ name, missing }: Loader, rounds: readonly Figures[]): Summary {
  if (missing !== undefined) return { name, skipped: missing };
  const lost = rounds.flatMap(({ lost }) => lost ?? []);
  return {
    name,
    rowsPerSecond: spread(rounds.map(({ rows, seconds }) => rows / seconds)),
    cpuMicrosPerRow: spread(rounds.map(({ rows, cpuMicros }) => cpuMicros / rows)),
    bytesPerRow: spread(rounds.map(({ bytesPerRow }) => bytesPerRow)),
    ...lost.length > 0 && { lost: lost.reduce((sum, one) => sum + one, 0) },
  };
}

/** Ratio of two speeds. */
interface Ratio {
  ours: string;
  peer: string;
  ratio: number;
  goal?: number;
}

function ratios(summaries: readonly Summary[]): Ratio[] {
  const medianOf = (name: string) =>
    summaries.find((one) => one.name === name)?.rowsPerSecond?.median;
  return COMPARISONS.flatMap((comparison) => {
    const [ours, theirs] = [medianOf(comparison.ours), medianOf(comparison.peer)];
    if (ours === undefined || theirs === undefined) return [];
    return [{ ...comparison, ratio: ours / theirs }];
  });
}

function line({ name, skipped, rowsPerSecond, cpuMicrosPerRow, bytesPerRow, lost }: Summary) {
  if (skipped !== undefined) return `${name.padEnd(18)} skipped: ${skipped}`;
  const { median, least, most } = rowsPerSecond!;
  return [
    name.padEnd(18),
    median.toFixed(0).padStart(7),
    `(${least.toFixed(0)} to ${most.toFixed(0)})`.padEnd(20),
    `${cpuMicrosPerRow!.median.toFixed(2)} µs`.padStart(10),
    bytesPerRow!.median.toFixed(0).padStart(13),
    String(lost ?? "").padStart(7),
  ].join(" ").trimEnd();
}

function print(settings: Record<string, string>, summaries: readonly Summary[]): void {
  console.log(`${PACKETS} packets of 100 bytes a round, ${ROUNDS} rounds`);
  console.log(Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", "));
  console.log("                    rows/s (least to most)     CPU a row   bytes a row    lost");
  for (const summary of summaries) console.log(line(summary));
  for (const { ours, peer, ratio, goal } of ratios(summaries)) {
    const verdict = goal === undefined
      ? ""
      : ` (goal ${goal}: ${ratio >= goal ? "reached" : "missed"})`;
    console.log(`${ours} / ${peer}: ${ratio.toFixed(2)}${verdict}`);
  }
}

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
  const rounds = new Map<Loader, Figures[]>(LOADERS.map((loader) => [loader, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const loader of LOADERS) {
      if (loader.missing !== undefined) continue;
      rounds.get(loader)!.push(await loader.measure(cluster, folder.path));
    }
  }
  const settings = await settingsOf(cluster);
  const summaries = LOADERS.map((loader) => summarize(loader, rounds.get(loader)!));
  if (JSON_WANTED) {
    const report = { packets: PACKETS, rounds: ROUNDS, settings, summaries };
    console.log(JSON.stringify({ ...report, ratios: ratios(summaries) }));
  } else print(settings, summaries);
}
