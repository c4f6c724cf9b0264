/** Packets and flows that an expression chooses. */

import { expression, type RecordPredicate } from "../../filter/expression/expression.ts";
import type { Flow } from "../../flow/flow.ts";
import type { Packet } from "../../packet/packet.ts";
import type { GroupViewer } from "./groups.ts";

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

  /** Takes a packet or a flow. */
  take(record: Packet | Flow, group: number | undefined): void {
    if (this.#chooses?.(record) ?? true) this.#viewer.take(record, group);
    else this.#dropped++;
  }

  /** Passes a note on. */
  note(text: string): void {
    this.#viewer.note(text);
  }
}
