/** Deliveries of writers that were replaced, as of a pipe whose reader left. */

import { type OutputStats, statsOf, type Writer } from "../../output/output.ts";

/** Sums of their counters. */
export class FormerDeliveries {
  readonly #sums = { written: 0, bytes: 0, failed: 0, dropped: 0 };

  /** Adds those of a writer that is not used any more. */
  add({ delivery }: Writer): void {
    this.#sums.written += delivery?.written ?? 0;
    this.#sums.bytes += delivery?.bytes ?? 0;
    this.#sums.failed += delivery?.failed ?? 0;
    this.#sums.dropped += delivery?.dropped ?? 0;
  }

  /** Adds these, and those of the present writer, to counters before a writer. */
  addedTo(counted: OutputStats, writer: Writer): OutputStats {
    const stats = statsOf(counted, writer);
    const { written, bytes, failed, dropped } = this.#sums;
    return {
      ...stats,
      written: stats.written + written,
      bytes: stats.bytes + bytes,
      failed: stats.failed + failed,
      dropped: stats.dropped + dropped,
    };
  }
}
