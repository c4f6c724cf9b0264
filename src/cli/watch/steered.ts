/** Records that keys control: what is counted of them, and whether they are shown. */

import { expression } from "../../filter/expression/expression.ts";
import { Session, type SessionOptions } from "../keys/session.ts";
import type { Stop } from "../stop.ts";
import { destinationLines, Destinations } from "./destinations.ts";
import type { Shown } from "./lines.ts";

/** Options of control by keys. */
export interface SteeredOptions {
  stop: Stop;
  /** Expression that chooses records to begin with. */
  where?: string | undefined;
  /** Called with a new expression; absent where none can be chosen. */
  onFilter?: (where: string | undefined) => void;
  /** Draws rates; absent where lines scroll. */
  block?: SessionOptions["block"];
  /** Called at the end of each second in which the display is not paused. */
  onSecond?: () => void;
  /** Number of records that were received and are not looked at. */
  omitted?: () => number;
}

/** Records under control. */
export class Steered {
  readonly session: Session;
  readonly #destinations = new Destinations();

  /** Begins to read keys. */
  constructor({ stop, where, onFilter, block, onSecond, omitted = () => 0 }: SteeredOptions) {
    let before = omitted();
    this.session = new Session({
      stop,
      where,
      hasTop: true,
      ...onFilter !== undefined && {
        check: expression,
        onFilter: (where) => {
          this.#destinations.clear();
          onFilter(where);
        },
      },
      ...block !== undefined && { block },
      top: (columns, rows, { order }) =>
        destinationLines(this.#destinations, order, { columns, rows }),
      onSecond: () => {
        const { session } = this;
        this.#destinations.tick();
        session.omitted = omitted();
        // An expression would choose some of them.
        if (session.controls.where === undefined) session.trend.add(session.omitted - before);
        before = session.omitted;
        if (!session.controls.isPaused) onSecond?.();
      },
      // With what came since then, also in a pause.
      onClose: () => onSecond?.(),
    });
  }

  /** Counts a record; returns whether it is to be shown. */
  shows(record: Shown): boolean {
    const { session } = this;
    session.trend.add(1);
    this.#destinations.add(record);
    if (!session.controls.isPaused) return true;
    session.pass();
    return false;
  }

  /** Records that passed in pauses, for the totals. */
  get figures(): { "while paused"?: number } {
    const { passedInAll } = this.session;
    return passedInAll > 0 ? { "while paused": passedInAll } : {};
  }
}
