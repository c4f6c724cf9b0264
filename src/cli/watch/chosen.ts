/** Packets and flows that an expression chooses. */

import { expression, type RecordPredicate } from "../../filter/expression/expression.ts";
import { Counter } from "../../counter/counter.ts";
import type { RecordViewer, Watchable } from "./origin.ts";

/** Hands chosen packets and flows on to another viewer. */
export class Chosen implements RecordViewer {
  readonly #viewer: RecordViewer;
  #chooses: RecordPredicate | undefined;
  /** Whether there was an expression. */
  #hasChosen = false;
  #others = 0;

  /**
   * Creates a viewer in front of another one.
   *
   * @param where A checked expression; without one all are chosen.
   */
  constructor(where: string | undefined, viewer: RecordViewer) {
    this.#viewer = viewer;
    this.choose(where);
  }

  /** Chooses by another expression from now on; undefined for all. */
  choose(where: string | undefined): void {
    this.#chooses = where === undefined ? undefined : expression(where);
    this.#hasChosen ||= where !== undefined;
  }

  /** Number of those that were not chosen, for the totals; nothing without an expression. */
  get figures(): { "not chosen"?: number } {
    return this.#hasChosen ? { "not chosen": this.#others } : {};
  }

  /** Takes a record; expressions are not about counters. */
  take(record: Watchable, group: number | undefined): void {
    const isChosen = this.#chooses === undefined || record instanceof Counter ||
      this.#chooses(record);
    if (isChosen) this.#viewer.take(record, group);
    else this.#others++;
  }

  /** Passes a note on. */
  note(text: string): void {
    this.#viewer.note(text);
  }
}
