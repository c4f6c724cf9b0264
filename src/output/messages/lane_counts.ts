/** Counts of records that were sent, by kind, host and source. Pure. */

import type { RecordKind } from "../../record/kind.ts";

/** Records of one kind, host and source. */
export interface Lane {
  kind: RecordKind;
  host: string;
  capture: string;
}

/** A count as it is stored. */
export type StoredCount = [kind: RecordKind, host: string, capture: string, records: number];

/** Most lanes that are counted: a central nfscribe may pass on any number. */
const LANES_MOST = 4096;

/** Returns a text that only this lane has. */
export function laneKey({ kind, host, capture }: Lane): string {
  return JSON.stringify([kind, host, capture]);
}

/** Counts records of a session. */
export class LaneCounts {
  readonly #counts: Map<string, StoredCount>;
  /** Whether lanes that have no count had no record. */
  #isComplete: boolean;

  /**
   * Begins with stored counts.
   *
   * @param isComplete Whether lanes without a count had no record.
   */
  constructor(stored: readonly StoredCount[], isComplete: boolean) {
    this.#counts = new Map(
      stored.map((count) => {
        const [kind, host, capture] = count;
        return [laneKey({ kind, host, capture }), [...count]];
      }),
    );
    this.#isComplete = isComplete && stored.length <= LANES_MOST;
  }

  /** Whether lanes that have no count had no record. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * Counts records of a lane.
   *
   * @returns The number of those before; undefined if it is not known.
   */
  add(lane: Lane, records: number): number | undefined {
    const key = laneKey(lane);
    const count = this.#counts.get(key);
    if (count !== undefined) {
      count[3] += records;
      return count[3] - records;
    }
    if (!this.#isComplete) return undefined;
    if (this.#counts.size >= LANES_MOST) {
      this.#isComplete = false;
      return undefined;
    }
    this.#counts.set(key, [lane.kind, lane.host, lane.capture, records]);
    return 0;
  }

  /** Returns the counts to store. */
  stored(): StoredCount[] {
    return [...this.#counts.values()].map((count) => [...count]);
  }

  /** Returns counts that go on by themselves. */
  copy(): LaneCounts {
    return new LaneCounts(this.stored(), this.#isComplete);
  }
}
