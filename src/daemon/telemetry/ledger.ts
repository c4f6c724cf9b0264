/** Counts the packets of sources, filter and outputs, from the reports of sandboxes. */

import type { Counters, FilterStats } from "../../record/counters.ts";
import type { DatagramReport } from "../../sandbox/slot.ts";
import { missingBefore } from "../../source/sequence.ts";

export type { Counters, FilterStats };

/** Adds up two sets of counters by name. */
export function addCounters(first: Counters, second: Counters): Counters {
  return {
    sources: addTables(first.sources, second.sources),
    filter: addFigures(first.filter, second.filter),
    outputs: addTables(first.outputs, second.outputs),
    // Hosts tell all of theirs anew to a source that is opened.
    ...second.hosts !== undefined && { hosts: second.hosts },
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

/** Hosts with losses that are named at most. */
const LOSERS_MAX = 1000;

/** Counters of one source, whose datagrams several sandboxes decode. */
export class SourceLedger {
  /** Packets that arrived, damaged ones included. */
  received = 0;
  /** Packets that are missing, by gaps in their numbers, or that their host tells of. */
  lost = 0;
  /** Hosts whose packets were lost, until a message has named them; empty for this host's own. */
  readonly losers = new Set<string>();
  /** Packets that arrived damaged. */
  malformed = 0;
  #expected: number | undefined;
  /** Drops of the kernel that were counted; undefined where packets have numbers. */
  #drops: number | undefined;

  /**
   * Starts to count.
   *
   * @param start Number that the first packet should have: a group counts from 0 at its bind. If
   * undefined, packets lost before the first one are not counted. For a source whose losses the
   * kernel counts, the drops that were counted so far.
   */
  constructor(
    { expected, drops }: { expected?: number | undefined; drops?: number } = { expected: 0 },
  ) {
    this.#expected = expected;
    this.#drops = drops;
  }

  /** Number that the next packet should have, or the drops that were counted; undefined if unknown. */
  get expected(): number | undefined {
    return this.#drops ?? this.#expected;
  }

  /**
   * Returns the drops since the last call.
   *
   * @param drops All drops of the kernel, in 32 bits.
   */
  newDrops(drops: number): number {
    const more = (drops - (this.#drops ?? drops)) >>> 0;
    this.#drops = drops;
    return more;
  }

  /** Adds a loss at another host, or on the way from there. */
  addLossOf(host: string, packets: number): void {
    this.lost += packets;
    if (this.losers.size < LOSERS_MAX) this.losers.add(host);
  }

  /** Adds the report of the next datagram. */
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
