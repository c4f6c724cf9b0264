/** Ways in which `nfscribe watch` shows records. */

import { Packet } from "../../packet/packet.ts";
import type { Stop } from "../stop.ts";
import { Chosen } from "./chosen.ts";
import { Lines } from "./lines.ts";
import type { Origin } from "./origin.ts";
import { RatesView } from "./rates_view.ts";
import { Steered, type SteeredOptions } from "./steered.ts";

/** Options of showing records. */
export interface View {
  json: boolean;
  count: number;
  stop: Stop;
  /** Whether rates are shown instead. */
  rates: boolean;
  /** Whether keys control it. */
  hasKeys: boolean;
  /** Expression that chooses records. */
  where: string | undefined;
}

/** Records that are shown. */
export interface ShownRecords {
  /** Takes all records. */
  chosen: Chosen;
  /** Returns whether standard output was closed by its reader. */
  isGone(): boolean;
  /** Returns numbers of records for the totals. */
  figures(): Record<string, number>;
  /** Writes the rest, and gives the terminal back. */
  close(): Promise<void>;
}

/** Shows a line a record. */
export function linesOf(origin: Origin, view: View): ShownRecords {
  const steered = steer(view, {
    onFilter: (where) => chosen.choose(where),
    omitted: () => origin.omitted ?? 0,
  });
  const lines = new Lines({ ...view, stream: steered?.session.terminal });
  const chosen = new Chosen(view.where, {
    take(record, group) {
      if (steered?.shows(record) === false) return;
      lines.take(record, origin.isOne && !view.json || group === undefined ? {} : { group });
    },
    note: (text) => lines.note(text),
  });
  return {
    chosen,
    isGone: () => lines.isGone,
    figures() {
      const unseen = (lines.figures["not shown"] ?? 0) + (origin.omitted ?? 0);
      return { ...lines.figures, ...steered?.figures, ...unseen > 0 && { "not shown": unseen } };
    },
    async close() {
      await steered?.session.close();
      await lines.close();
    },
  };
}

/** Shows rates of packets. */
export function ratesOf(origin: Origin, view: View): ShownRecords {
  const omitted = () => origin.omitted ?? 0;
  const rates = new RatesView({
    ...view,
    stats: () => origin.stats,
    omitted,
    isDrawn: view.hasKeys,
  });
  const steered = steer(view, {
    onFilter: (where) => chosen.choose(where),
    omitted,
    block: (columns, rows) => rates.block(columns, rows),
    onSecond: () => rates.tick(),
  });
  const chosen = new Chosen(view.where, {
    take(record, group) {
      if (!(record instanceof Packet)) return;
      // Those that pass in a pause are counted, too.
      steered?.shows(record);
      rates.take(record, group ?? 0);
    },
    note: () => rates.note(),
  });
  return {
    chosen,
    isGone: () => rates.isGone,
    figures: () => omitted() > 0 ? { "not seen": omitted() } : {},
    async close() {
      await steered?.session.close();
      rates.close();
    },
  };
}

/** Begins to read keys; undefined where there are none. */
export function steer(
  { hasKeys, stop, where }: View,
  options: Omit<SteeredOptions, "stop" | "where">,
): Steered | undefined {
  return hasKeys ? new Steered({ ...options, stop, where }) : undefined;
}
