/** Both ways of an address's records in one chart. Pure. */

import type { Chart } from "../api/types.ts";
import type { Times } from "../time/range.ts";

/** Joins the charts of what is sent and of what is received; undefined while one is missing. */
export function bothWays(sent: Chart | undefined, received: Chart | undefined): Chart | undefined {
  if (sent === undefined || received === undefined) return undefined;
  // Both were asked for with the same buckets, but a store may have widened one.
  if (sent.stepMs !== received.stepMs || sent.startMs !== received.startMs) return sent;
  return {
    ...sent,
    keys: ["sent", "received"],
    packets: [sumOf(sent.packets), sumOf(received.packets)],
    bytes: [sumOf(sent.bytes), sumOf(received.bytes)],
    isComplete: sent.isComplete && received.isComplete,
    isExact: sent.isExact && received.isExact,
    reachedMs: Math.max(sent.reachedMs, received.reachedMs),
  };
}

/** Returns the times of the first bucket that is not empty; undefined if all are. */
export function firstBucket(chart: Chart): Times | undefined {
  const place = sumOf(chart.packets).findIndex((value) => value > 0);
  if (place < 0) return undefined;
  const fromMs = chart.startMs + place * chart.stepMs;
  return { fromMs, toMs: fromMs + chart.stepMs };
}

/** Returns whether all buckets of a chart are empty. */
export function isEmpty(chart: Chart): boolean {
  return firstBucket(chart) === undefined;
}

/** Adds up series. */
function sumOf(series: readonly number[][]): number[] {
  const [first = [], ...others] = series;
  return first.map((value, at) => others.reduce((sum, other) => sum + (other[at] ?? 0), value));
}
