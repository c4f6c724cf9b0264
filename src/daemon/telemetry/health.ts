/** Tells which outputs do not deliver. Pure. */

import type { OutputStats, WriterProblem } from "../../output/output.ts";
import { escaped } from "../../text/escape.ts";

/** An output, as far as its health depends on it. */
export interface Delivering {
  /** Its name. */
  readonly name: string;
  /** Its counters. */
  readonly stats: OutputStats;
  /** Its further figures. */
  readonly figures: Readonly<Record<string, number>>;
  /** Error that ends it, or after which writing is tried again. */
  readonly problem: string | undefined;
  /** Problem of a writer that delivers later. */
  readonly writerProblem: WriterProblem | undefined;
  /** Packets that wait to be delivered, but for those that are gathered in memory. */
  readonly waiting: number;
}

/** Watches how outputs get on. */
export class Health {
  readonly #patienceMs: number;
  /** Packets that an output was done with, and the time of the last change. */
  readonly #done = new Map<string, { count: number; sinceMs: number }>();

  /**
   * Begins to watch.
   *
   * @param patienceMs How long an output may deliver nothing while packets wait, in milliseconds.
   */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Notes the progress of the outputs; to be called about every second. */
  watch(outputs: readonly Delivering[], nowMs: number): void {
    const names = new Set(outputs.map(({ name }) => name));
    for (const name of this.#done.keys()) if (!names.has(name)) this.#done.delete(name);
    for (const { name, stats, figures, waiting } of outputs) {
      const count = stats.written + stats.failed + (figures.recovered ?? 0);
      const known = this.#done.get(name);
      if (waiting === 0 || known?.count !== count) this.#done.set(name, { count, sinceMs: nowMs });
    }
  }

  /**
   * Returns the outputs with a problem, one line each.
   *
   * @param nowMs Current time of the monotonic clock, in milliseconds.
   */
  problems(outputs: readonly Delivering[], nowMs: number): string[] {
    this.watch(outputs, nowMs);
    return outputs.flatMap((output) => {
      const problem = this.#problemOf(output, nowMs);
      return problem === undefined ? [] : escaped(`output ${output.name}: ${problem}`);
    });
  }

  #problemOf({ name, problem, writerProblem, waiting }: Delivering, nowMs: number) {
    if (problem !== undefined) return problem;
    const idleSinceMs = this.#done.get(name)!.sinceMs;
    const sinceMs = Math.min(idleSinceMs, writerProblem?.sinceMs ?? Infinity);
    if (nowMs - sinceMs < this.#patienceMs) return undefined;
    const idleMs = nowMs - idleSinceMs;
    return writerProblem?.message ??
      `it has delivered nothing for ${Math.floor(idleMs / 1000)} s, and ${waiting} packets wait`;
  }
}
