/**
 * Says that packets are lost while that happens, and not too often. Pure.
 *
 * @module
 */

import type { Counters } from "./ledger.ts";

/** The least time between two messages about one source or output, in milliseconds. */
const PAUSE_MS = 10_000;

/** A message about lost packets. */
export interface LossMessage {
  /** What happened, and what to do. */
  message: string;
  /** Which source or output, and how many packets. */
  fields: Record<string, string | number>;
}

/** Looks at the counters from time to time. */
export class LossReporter {
  readonly #told = new Map<string, { count: number; atMs: number }>();

  /**
   * Compares the counters with those seen last.
   *
   * @param counters The counters.
   * @param nowMs The time, of any clock.
   * @param problems What is wrong with outputs, by name: it is told by them.
   * @returns What is to be told.
   */
  look(
    { sources, outputs }: Counters,
    nowMs: number,
    problems: ReadonlySet<string> = new Set(),
  ): LossMessage[] {
    const slow = Object.entries(outputs).filter(([name, { spooled }]) =>
      spooled > 0 && !problems.has(name)
    ).map(([name]) => name);
    const hint = slow.length === 0 ? "use a faster filter" : `output ${slow.join(", ")} is behind`;
    const messages: LossMessage[] = [];
    for (const [source, { lost }] of Object.entries(sources)) {
      const more = this.#more(`source ${source}`, lost, nowMs);
      if (more === 0) continue;
      messages.push({
        message: "Packets are lost: the kernel's buffer was full; raise buffer_size or " +
          `queue_threshold, lower copy_range, or ${hint}`,
        fields: { source, lost: more, in_total: lost },
      });
    }
    for (const [output, { dropped }] of Object.entries(outputs)) {
      const more = this.#more(`output ${output}`, dropped, nowMs);
      if (more === 0) continue;
      messages.push({
        message: "Packets are dropped: the output is behind and what waits for it has no more " +
          "room; raise queue_size or spool_limit, or take a faster output",
        fields: { output, dropped: more, in_total: dropped },
      });
    }
    return messages;
  }

  /** How many more there are since it was told last; 0 where it is not time to tell. */
  #more(key: string, count: number, nowMs: number): number {
    const told = this.#told.get(key) ?? { count: 0, atMs: -Infinity };
    if (count <= told.count || nowMs - told.atMs < PAUSE_MS) return 0;
    this.#told.set(key, { count, atMs: nowMs });
    return count - told.count;
  }
}
