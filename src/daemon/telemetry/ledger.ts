/**
 * What became of every packet: counted from what sandboxes report, slot by slot.
 *
 * @module
 */

import type { OutputStats } from "../../output/output.ts";
import type { DatagramReport } from "../../sandbox/slot.ts";
import { missingBefore } from "../../source/sequence.ts";
import type { SourceStats } from "../../source/source.ts";

/** What became of every packet. */
export interface Counters {
  /** What came in, by source. */
  sources: Record<string, SourceStats>;
  /** What the filter decided. */
  filter: FilterStats;
  /** What went out, by output. */
  outputs: Record<string, OutputStats>;
}

/** What is counted at the filter; each packet that is not malformed is in one of them. */
export interface FilterStats {
  /** Packets that go to an output. */
  passed: number;
  /** Packets that go to none. */
  dropped: number;
  /** Packets that the filter threw on; `on_error` says where they go. */
  failed: number;
  /** Packets of batches that took the filter too long; `on_error` says where they go. */
  timedOut: number;
}

/**
 * What does not add up: each packet that was received is in one column of the
 * filter's row, and of each output's that was there all the time.
 *
 * @returns A line for each row that is wrong.
 */
export function imbalance({ sources, filter, outputs }: Counters): string[] {
  const total = (figures: number[]) => figures.reduce((sum, figure) => sum + figure, 0);
  const sound = total(
    Object.values(sources).map(({ received, malformed }) => received - malformed),
  );
  const rows = [
    ["filter", total(Object.values(filter))] as const,
    ...Object.entries(outputs).map(([name, row]) =>
      [
        `output ${name}`,
        total([row.written, row.spooled, row.failed, row.dropped, row.filtered]),
      ] as const
    ),
  ];
  return rows.filter(([, sum]) => sum !== sound).map(([name, sum]) =>
    `${name}: ${sum} packets, where ${sound} were received`
  );
}

/** Two counts of different times as one; what has a name in both is added up. */
export function addCounters(first: Counters, second: Counters): Counters {
  return {
    sources: addTables(first.sources, second.sources),
    filter: addFigures(first.filter, second.filter),
    outputs: addTables(first.outputs, second.outputs),
  };
}

function addTables<Figures extends object>(
  first: Record<string, Figures>,
  second: Record<string, Figures>,
): Record<string, Figures> {
  const sum = { ...first };
  for (const [name, figures] of Object.entries(second)) {
    const before = sum[name];
    sum[name] = before === undefined ? figures : addFigures(before, figures);
  }
  return sum;
}

function addFigures<Figures extends object>(first: Figures, second: Figures): Figures {
  const before = first as Record<string, number>;
  return Object.fromEntries(
    Object.entries(second).map(([name, figure]) => [name, (before[name] ?? 0) + figure]),
  ) as Figures;
}

/** Counts the packets of one source across datagrams that several sandboxes decoded. */
export class SourceLedger {
  /** Packets that arrived, damaged ones included. */
  received = 0;
  /** Packets that are missing, by gaps in their numbers. */
  lost = 0;
  /** Packets that arrived damaged. */
  malformed = 0;
  #expected: number | undefined;

  /**
   * Begins to count.
   *
   * @param start With the number that the first packet should carry: a group counts from 0 at its
   * bind. Where nobody knows it, what is missing before the first packet is not counted.
   */
  constructor({ expected }: { expected: number | undefined } = { expected: 0 }) {
    this.#expected = expected;
  }

  /** The number that the next packet should carry; undefined where nobody knows. */
  get expected(): number | undefined {
    return this.#expected;
  }

  /** Takes in what was found in the next datagram. */
  add({ received, malformed, lost, firstSeq, nextSeq }: DatagramReport): void {
    this.received += received;
    this.malformed += malformed;
    this.lost += lost;
    if (firstSeq < 0) {
      if (this.#expected !== undefined) this.#expected = (this.#expected + malformed) >>> 0;
      return;
    }
    this.lost += missingBefore(firstSeq, this.#expected ?? firstSeq);
    this.#expected = nextSeq;
  }
}
