/** Rates of the daemon's counters. Pure. */

import type { LiveStats, Stats } from "../api/types.ts";

/** Rates by the counters of the last minutes. */
export interface Rates {
  /** Records that are received in a second. */
  readonly perSecond: number;
  /** Records that were lost in that time. */
  readonly lost: number;
  /** Records that were lost since the daemon's start. */
  readonly lostAll: number;
}

/** Time over which the rate is taken, in milliseconds. */
const RATE_MS = 4000;

/** Returns the rates; undefined while the daemon does not answer. */
export function ratesOf(history: readonly LiveStats[]): Rates | undefined {
  const last = history.at(-1);
  if (last === undefined || last.stats === null) return undefined;
  const [received, lost] = sums(last.stats);
  const known = history.filter(({ stats }) => stats !== null);
  const before = known.findLast(({ timeMs }) => timeMs <= last.timeMs - RATE_MS) ?? known[0]!;
  const seconds = (last.timeMs - before.timeMs) / 1000;
  const [receivedBefore] = sums(before.stats!);
  const [, lostFirst] = sums(known[0]!.stats!);
  return {
    // A daemon that began anew counts from 0.
    perSecond: seconds > 0 ? Math.max(0, received - receivedBefore) / seconds : 0,
    lost: Math.max(0, lost - lostFirst),
    lostAll: lost,
  };
}

function sums({ sources }: Stats): [received: number, lost: number] {
  let [received, lost] = [0, 0];
  for (const source of Object.values(sources)) {
    received += Number(source.received ?? 0);
    lost += Number(source.lost ?? 0);
  }
  return [received, lost];
}
