/** Reports lost packets during a run, at a limited rate. Pure. */

import type { Counters } from "./ledger.ts";
import { named } from "./named.ts";

/** Least time between two messages about a source or output, in milliseconds. */
const PAUSE_MS = 10_000;

/** A message about lost packets. */
export interface LossMessage {
  /** Text with what happened and what to do. */
  message: string;
  /** Name of the source or output, and numbers of packets. */
  fields: Record<string, string | number>;
}

/** Compares counters at intervals. */
export class LossReporter {
  readonly #logged = new Map<string, { count: number; atMs: number }>();

  /**
   * Compares the counters with those of the last check.
   *
   * @param nowMs Current time of any clock.
   * @param problems Outputs with a problem, which log it themselves.
   * @param losers Hosts that lost packets of a source, by its name; those that are named are taken out.
   * @returns Messages to log.
   */
  check(
    { sources, outputs }: Counters,
    nowMs: number,
    problems: ReadonlySet<string> = new Set(),
    losers: ReadonlyMap<string, Set<string>> = new Map(),
  ): LossMessage[] {
    const slow = Object.entries(outputs).filter(([name, { spooled }]) =>
      spooled > 0 && !problems.has(name)
    ).map(([name]) => name);
    const hint = slow.length === 0 ? "use a faster filter" : `output ${slow.join(", ")} is behind`;
    const messages: LossMessage[] = [];
    for (const [source, { lost }] of Object.entries(sources)) {
      const more = this.#more(`source ${source}`, lost, nowMs);
      if (more === 0) continue;
      const fields = { source, lost: more, in_total: lost };
      const hosts = losers.get(source);
      if (hosts !== undefined && hosts.size > 0) {
        messages.push({
          message: "Packets of other hosts are lost: nfscribe stats tells where; for lost raise " +
            "buffer_size or queue_threshold at the host, for missing the limits of the stream",
          fields: { ...fields, hosts: named([...hosts]) },
        });
        hosts.clear();
        continue;
      }
      messages.push({
        message: "Packets are lost: the kernel's buffer was full; raise buffer_size or " +
          `queue_threshold, lower copy_range, or ${hint}`,
        fields,
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

  /** Returns the packets lost since the last message; 0 before the next one is due. */
  #more(key: string, count: number, nowMs: number): number {
    const last = this.#logged.get(key) ?? { count: 0, atMs: -Infinity };
    if (count <= last.count || nowMs - last.atMs < PAUSE_MS) return 0;
    this.#logged.set(key, { count, atMs: nowMs });
    return count - last.count;
  }
}
