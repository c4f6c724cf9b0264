/** Buckets and stacks of the chart. Pure. */

import type { Chart } from "../api/types.ts";
import type { Times } from "../time/range.ts";

/** Widths of buckets that people can read, in milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600_000),
  ...[1, 2, 7, 14, 30].map((days) => days * 86_400_000),
];

/** Returns the width of buckets for a range in a chart of so many pixels. */
export function stepFor({ fromMs, toMs }: Times, pixels: number): number {
  const wanted = (toMs - fromMs) / Math.max(20, Math.min(180, pixels / 7));
  return STEPS.find((step) => step >= wanted) ?? STEPS.at(-1)!;
}

/** Columns of a stacked chart: times in seconds, then for each key the sum up to it, the last key's first. */
export interface Stacked {
  readonly times: number[];
  /** Counts of each key, on top of those before. */
  readonly sums: number[][];
  readonly total: number;
}

/** Stacks the counts of a chart. */
export function stacked(chart: Chart, measure: "packets" | "bytes"): Stacked {
  const counts = chart[measure];
  const length = counts[0]?.length ?? 0;
  const below = new Array<number>(length).fill(0);
  const sums = counts.map((series) => series.map((value, at) => below[at]! += value));
  return {
    times: below.map((_, at) => (chart.startMs + at * chart.stepMs) / 1000),
    sums,
    total: below.reduce((sum, value) => sum + value, 0),
  };
}

/** Returns the total of each key. */
export function totals(chart: Chart, measure: "packets" | "bytes"): number[] {
  return chart[measure].map((series) => series.reduce((sum, value) => sum + value, 0));
}
