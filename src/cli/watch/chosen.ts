/** Packets that an expression chooses. */

import { expression, type PacketPredicate } from "../../filter/expression/expression.ts";
import { Flow } from "../../flow/flow.ts";
import type { Packet } from "../../packet/packet.ts";
import type { GroupViewer } from "./groups.ts";

/** Hands chosen packets on to another viewer. */
export class Chosen implements GroupViewer {
  readonly #viewer: GroupViewer;
  readonly #chooses: PacketPredicate | undefined;
  #dropped = 0;

  /**
   * Creates a viewer in front of another one.
   *
   * @param where A checked expression; without one all packets are chosen.
   */
  constructor(where: string | undefined, viewer: GroupViewer) {
    this.#chooses = where === undefined ? undefined : expression(where);
    this.#viewer = viewer;
  }

  /** Packets that were not chosen, for the totals; nothing without an expression. */
  get figures(): { dropped?: number } {
    return this.#chooses === undefined ? {} : { dropped: this.#dropped };
  }

  /** Takes a packet, or a flow, which expressions are not about. */
  take(record: Packet | Flow, group: number | undefined): void {
    const isChosen = this.#chooses === undefined || record instanceof Flow || this.#chooses(record);
    if (isChosen) this.#viewer.take(record, group);
    else this.#dropped++;
  }

  /** Passes a note on. */
  note(text: string): void {
    this.#viewer.note(text);
  }
}
