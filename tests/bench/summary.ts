/**
 * Figures from rounds: medians, their spread, and comparisons of programs.
 *
 * @module
 */

import type { Load, Round } from "./measure.ts";

/** Measurements of a program. */
export interface Result {
  name: string;
  kind: string;
  /** Its command line and configuration. */
  spelled: string;
  /** Reason why it was not measured. */
  skipped?: string;
  /** Rounds without the warm-up. */
  rounds: Round[];
  /** Packets that were logged, including the warm-up. */
  logged: number;
  /** Packets of those that are not in the file after the program's end. */
  lost: number;
}

/** A run of the benchmark. */
export interface Report {
  date: string;
  machine: Record<string, string>;
  load: Omit<Load, "rate"> & { /** Packets a second; null is full speed. */ rate: number | null };
  results: Result[];
}

/** Median, minimum and maximum. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Returns the spread of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  // The mean of the middle two, which are the same if the number is odd.
  const median = (sorted[last >> 1]! + sorted[(last + 1) >> 1]!) / 2;
  return { median, least: sorted[0]!, most: sorted[last]! };
}

/** Figures of a program in a table. */
export interface Figures {
  /** CPU time per kept packet, in microseconds. */
  cpu: Spread;
  user: Spread;
  system: Spread;
  /** Packets per second that were sent. */
  offered: Spread;
  drainMs: Spread;
  /** Memory after each round, in MB. */
  resident: Spread;
  /** Peak memory, in MB. */
  most: number;
}

/** Returns the figures of a measured program. */
export function figuresOf({ rounds }: Result): Figures {
  const of = (value: (round: Round) => number) => spread(rounds.map(value));
  return {
    cpu: of(({ cpu, kept }) => cpu.total / kept),
    user: of(({ cpu, kept }) => cpu.user / kept),
    system: of(({ cpu, kept }) => cpu.system / kept),
    offered: of(({ offered }) => offered),
    drainMs: of(({ drainMs }) => drainMs),
    resident: of(({ memory }) => memory.resident),
    most: of(({ memory }) => memory.most).most,
  };
}

/** Ratios of CPU time per packet, and their targets. */
const COMPARISONS: readonly { ours: string; peer: string; goal?: number }[] = [
  { ours: "nfscribe pcap", peer: "ulogd pcap", goal: 0.25 },
  { ours: "nfscribe pcap", peer: "tcpdump pcap", goal: 0.3 },
  { ours: "nfscribe pcap", peer: "the least in C", goal: 2 },
  { ours: "nfscribe pcap, expression", peer: "ulogd pcap", goal: 0.22 },
  { ours: "nfscribe pcap, no filter", peer: "ulogd pcap" },
  { ours: "nfscribe pcap, no filter", peer: "tcpdump pcap" },
  { ours: "nfscribe pcap, no filter", peer: "the least in C" },
  { ours: "nfscribe logemu", peer: "ulogd logemu", goal: 0.12 },
  { ours: "nfscribe logemu", peer: "ulogd json" },
  { ours: "nfscribe json", peer: "ulogd json", goal: 0.1 },
  { ours: "nfscribe json, no filter", peer: "ulogd json", goal: 0.1 },
  { ours: "for await, counting", peer: "ulogd pcap", goal: 0.6 },
];

/** Ratio of two programs. */
export interface Ratio {
  ours: string;
  peer: string;
  ratio: number;
  goal?: number;
}

/** Returns the ratios of programs that were both measured. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  const medianOf = (name: string) => {
    const result = results.find((one) => one.name === name);
    return result === undefined || result.rounds.length === 0
      ? undefined
      : figuresOf(result).cpu.median;
  };
  return COMPARISONS.flatMap((comparison) => {
    const [ours, theirs] = [medianOf(comparison.ours), medianOf(comparison.peer)];
    return ours === undefined || theirs === undefined
      ? []
      : [{ ...comparison, ratio: ours / theirs }];
  });
}

/**
 * Joins runs of one load on one machine, which may have measured different programs.
 *
 * @throws {Error} If their loads differ.
 */
export function merge(reports: readonly Report[]): Report {
  const [first, ...others] = reports;
  const results = new Map<string, Result>();
  for (const { load, results: more } of [first!, ...others]) {
    if (JSON.stringify(load) !== JSON.stringify(first!.load)) {
      throw new Error(
        `Cannot join runs of different loads: ${JSON.stringify(load)} and ${
          JSON.stringify(first!.load)
        }; give those of one load`,
      );
    }
    for (const result of more) {
      const known = results.get(result.name);
      results.set(
        result.name,
        known === undefined ? result : {
          ...result,
          rounds: [...known.rounds, ...result.rounds],
          logged: known.logged + result.logged,
          lost: known.lost + result.lost,
        },
      );
    }
  }
  return { ...first!, results: [...results.values()] };
}
