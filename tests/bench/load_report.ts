/**
 * Ways to load packets into a database, measured in rounds and compared.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { type Spread, spread } from "./summary.ts";

/** Interval of checks for rows, in milliseconds. */
const LOOK_MS = 10;
/** Time without a new row after which loading counts as finished, in milliseconds. */
export const QUIET_MS = 2000;

/** Ratio of rows per second, and its target. */
export interface Comparison {
  ours: string;
  peer: string;
  goal?: number;
}

/** Results of a round. */
export interface Figures {
  /** Rows in the table. */
  rows: number;
  /** Duration in seconds. */
  seconds: number;
  /** CPU time of the loading program, in microseconds, without the server's. */
  cpuMicros: number;
  /** Size of the tables with their indexes per row, in bytes. */
  bytesPerRow: number;
  /** Packets that were logged and are not in the table. */
  lost?: number;
  /** Most memory of nfscribe's processes, in MB; what they share counts once (`Pss`). */
  memory?: number;
}

/** A way to load packets into a database. */
export interface Loader {
  name: string;
  /** Reason why it cannot run; undefined if it can. */
  missing?: string | undefined;
  measure(): Promise<Figures>;
}

/** Options of a report. */
export interface ReportOptions {
  packets: number;
  rounds: number;
  comparisons: readonly Comparison[];
  settings: Readonly<Record<string, string>>;
  asJson: boolean;
}

/** Measures all ways in turn, round by round, and prints the result. */
export async function measureAll(
  loaders: readonly Loader[],
  { rounds, comparisons, settings, asJson, packets }: ReportOptions,
): Promise<void> {
  const measured = new Map<Loader, Figures[]>(loaders.map((loader) => [loader, []]));
  for (let round = 0; round < rounds; round++) {
    for (const loader of loaders) {
      if (loader.missing === undefined) measured.get(loader)!.push(await loader.measure());
    }
  }
  const summaries = loaders.map((loader) => summarize(loader, measured.get(loader)!));
  if (asJson) {
    const found = ratios(summaries, comparisons);
    console.log(JSON.stringify({ packets, rounds, settings, summaries, ratios: found }));
    return;
  }
  console.log(`${packets} packets of 100 bytes a round, ${rounds} rounds`);
  console.log(Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", "));
  console.log(
    `${" ".repeat(WIDTH)}rows/s (least to most)     CPU a row   bytes a row    lost    MB`,
  );
  for (const summary of summaries) console.log(line(summary));
  for (const { ours, peer, ratio, goal } of ratios(summaries, comparisons)) {
    const verdict = goal === undefined
      ? ""
      : ` (goal ${goal}: ${ratio >= goal ? "reached" : "missed"})`;
    console.log(`${ours.trim()} / ${peer}: ${ratio.toFixed(2)}${verdict}`);
  }
}

/** Counts rows until all have arrived, the time is up, or no more arrive. */
export async function watch(
  arrived: () => Promise<number>,
  expected: number,
  mostMs = Infinity,
  quietMs = QUIET_MS,
): Promise<{ rows: number; lastMs: number }> {
  const beginMs = Date.now();
  let [rows, lastMs, nowMs] = [0, beginMs, beginMs];
  while (rows < expected && nowMs - beginMs < mostMs) {
    await delay(LOOK_MS);
    const seen = await arrived();
    nowMs = Date.now();
    if (seen > rows) lastMs = nowMs;
    else if (rows > 0 && nowMs - lastMs > quietMs) break;
    rows = seen;
  }
  return { rows, lastMs };
}

/** Columns of names. */
const WIDTH = 29;

/** Results of a way to load packets. */
interface Summary {
  name: string;
  skipped?: string;
  rowsPerSecond?: Spread;
  cpuMicrosPerRow?: Spread;
  bytesPerRow?: Spread;
  lost?: number;
  memory?: number;
}

function summarize({ name, missing }: Loader, rounds: readonly Figures[]): Summary {
  if (missing !== undefined) return { name, skipped: missing };
  const lost = rounds.flatMap(({ lost }) => lost ?? []);
  const memory = rounds.flatMap(({ memory }) => memory ?? []);
  return {
    name,
    rowsPerSecond: spread(rounds.map(({ rows, seconds }) => rows / seconds)),
    cpuMicrosPerRow: spread(rounds.map(({ rows, cpuMicros }) => cpuMicros / rows)),
    bytesPerRow: spread(rounds.map(({ bytesPerRow }) => bytesPerRow)),
    ...lost.length > 0 && { lost: lost.reduce((sum, one) => sum + one, 0) },
    ...memory.length > 0 && { memory: Math.max(...memory) },
  };
}

/** Ratio of two speeds. */
type Ratio = Comparison & { ratio: number };

function ratios(summaries: readonly Summary[], comparisons: readonly Comparison[]): Ratio[] {
  const medianOf = (name: string) =>
    summaries.find((one) => one.name === name)?.rowsPerSecond?.median;
  return comparisons.flatMap((comparison) => {
    const [ours, theirs] = [medianOf(comparison.ours), medianOf(comparison.peer)];
    if (ours === undefined || theirs === undefined) return [];
    return [{ ...comparison, ratio: ours / theirs }];
  });
}

function line(summary: Summary) {
  const { name, skipped, rowsPerSecond, cpuMicrosPerRow, bytesPerRow, lost, memory } = summary;
  if (skipped !== undefined) return `${name.padEnd(WIDTH)} skipped: ${skipped}`;
  const { median, least, most } = rowsPerSecond!;
  return [
    name.padEnd(WIDTH),
    median.toFixed(0).padStart(7),
    `(${least.toFixed(0)} to ${most.toFixed(0)})`.padEnd(20),
    `${cpuMicrosPerRow!.median.toFixed(2)} µs`.padStart(10),
    bytesPerRow!.median.toFixed(0).padStart(13),
    String(lost ?? "").padStart(7),
    (memory?.toFixed(0) ?? "").padStart(5),
  ].join(" ").trimEnd();
}
