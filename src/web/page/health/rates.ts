/** Rates and problems from readings of the daemon's counters. Pure. */

import type { LiveStats, Stats } from "../api/types.ts";
import { count } from "../text/format.ts";
import { isSilent } from "./silence.ts";

/** Counters of a source, the filter or an output, by name. */
type Figures = Readonly<Record<string, number>>;

/** Rates of a counter between readings, per second; the newest last. */
export type Rates = readonly number[];

/** A part whose counters are shown. */
export interface Part {
  readonly name: string;
  readonly figures: Figures;
  /** Rates of the counter that tells of its work. */
  readonly rates: Rates;
}

/** Returns the last reading with counters; undefined where there is none. */
export function lastStats(history: readonly LiveStats[]): Stats | undefined {
  return history.findLast(({ stats }) => stats !== null)?.stats ?? undefined;
}

/** Returns the sources or outputs, in the order of the last reading. */
export function partsOf(
  history: readonly LiveStats[],
  kind: "sources" | "outputs",
  counter: string,
): Part[] {
  const last: Readonly<Record<string, object>> = lastStats(history)?.[kind] ?? {};
  return Object.entries(last).map(([name, figures]) => ({
    name,
    figures: figures as Figures,
    rates: ratesOf(
      history,
      (stats) => (stats[kind][name] as Figures | undefined)?.[counter],
    ),
  }));
}

/**
 * Returns the rates between readings. A counter that has fallen is that of another run, which began
 * to count anew; a reading without an answer is a gap that nothing is known of.
 */
export function ratesOf(
  history: readonly LiveStats[],
  read: (stats: Stats) => number | undefined,
): Rates {
  const rates: number[] = [];
  let before: { timeMs: number; value: number } | undefined;
  for (const { timeMs, stats } of history) {
    const value = stats === null ? undefined : read(stats);
    if (value === undefined) {
      before = undefined;
      continue;
    }
    if (before !== undefined && timeMs > before.timeMs) {
      const more = value >= before.value ? value - before.value : value;
      rates.push(more * 1000 / (timeMs - before.timeMs));
    }
    before = { timeMs, value };
  }
  return rates;
}

/** Returns the mean of the last rates; undefined without any. */
export function presentRate(rates: Rates): number | undefined {
  const last = rates.slice(-5);
  if (last.length === 0) return undefined;
  return last.reduce((sum, rate) => sum + rate, 0) / last.length;
}

/** A problem, worded as `nfscribe doctor` does. */
export interface Problem {
  readonly check: string;
  readonly message: string;
  readonly fix: string;
}

/** Returns the problems that counters tell of. */
export function problemsOf(
  { sources, filter, outputs, hosts = {}, refusal }: Stats,
  nowMs: number,
): Problem[] {
  const problems: Problem[] = [];
  const put = (check: string, message: string, fix: string) =>
    problems.push({ check, message, fix });
  if (refusal !== undefined) {
    put("last reload", `was refused: ${refusal}`, "nfscribe check tells all of it");
  }
  for (const [name, { received, lost, malformed }] of Object.entries(sources)) {
    if (lost > 0) {
      put(
        `source ${name}`,
        `received ${count(received)}, lost ${count(lost)}`,
        "raise buffer_size of the source, or log less; docs/monitoring.md tells more",
      );
    }
    if (malformed > 0) {
      put(
        `source ${name}`,
        `${count(malformed)} were malformed`,
        "another program may write to its socket",
      );
    }
  }
  if (filter.failed + filter.timedOut > 0) {
    put(
      "filter",
      `it threw on ${count(filter.failed)} records, and ran out of time on ${
        count(filter.timedOut)
      }`,
      "nfscribe's log tells the errors; on_error decides where these records go",
    );
  }
  for (const [name, { failed, dropped, spooled, written }] of Object.entries(outputs)) {
    if (failed + dropped > 0) {
      put(
        `output ${name}`,
        `failed ${count(failed)}, dropped ${count(dropped)}`,
        "nfscribe's log tells why; failed packets are of a kind that the format cannot hold",
      );
    }
    if (spooled > 0 && written === 0) {
      put(
        `output ${name}`,
        `${count(spooled)} wait in its spool, none is written`,
        "nfscribe's log tells why",
      );
    }
  }
  const all = Object.entries(hosts);
  const silent = all.filter(([, host]) => isSilent(host, nowMs)).map(([name]) => name);
  if (silent.length > 0) {
    put(
      silent.length === 1 ? `host ${silent[0]}` : "hosts",
      silent.length === 1
        ? "is silent"
        : `${count(silent.length)} of ${count(all.length)} are silent`,
      "look at nfscribe there, and at the way between",
    );
  }
  const missing = all.reduce((sum, [, host]) => sum + host.missing, 0);
  if (missing > 0) {
    put(
      "hosts",
      `${count(missing)} records that they sent are missing here`,
      "a limit of the stream may have removed them, or another consumer has them",
    );
  }
  return problems;
}

/** Returns the points of a line in a box of 100 by 20, the oldest at the left. */
export function pointsOf(rates: Rates): string {
  const shown = rates.slice(-60);
  const most = Math.max(1e-9, ...shown);
  const step = 100 / Math.max(1, shown.length - 1);
  return shown.map((rate, index) =>
    `${(index * step).toFixed(1)},${(19 - 15 * rate / most).toFixed(1)}`
  ).join(" ");
}
