/** Packets and flows that an expression chooses. */

import { expression, type RecordPredicate } from "../../filter/expression/expression.ts";
import { Counter } from "../../counter/counter.ts";
import type { GroupViewer, Watchable } from "./groups.ts";

/** Hands chosen packets and flows on to another viewer. */
export class Chosen implements GroupViewer {
  readonly #viewer: GroupViewer;
  readonly #chooses: RecordPredicate | undefined;
  #dropped = 0;

  /**
   * Creates a viewer in front of another one.
   *
   * @param where A checked expression; without one all are chosen.
   */
  constructor(where: string | undefined, viewer: GroupViewer) {
    this.#chooses = where === undefined ? undefined : expression(where);
    this.#viewer = viewer;
  }

  /** Number of those that were not chosen, for the totals; nothing without an expression. */
  get figures(): { dropped?: number } {
    return this.#chooses === undefined ? {} : { dropped: this.#dropped };
  }

  /** Takes a record; expressions are not about counters. */
  take(record: Watchable, group: number | undefined): void {
    const isChosen = this.#chooses === undefined || record instanceof Counter ||
      this.#chooses(record);
    if (isChosen) this.#viewer.take(record, group);
    else this.#dropped++;
  }

  /** Passes a note on. */
  note(text: string): void {
    this.#viewer.note(text);
  }
}
