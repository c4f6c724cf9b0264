/** Keys of a stack of ulogd as options of an output that prints them. */

import type { Output, Route } from "../../import/ulogd/table.ts";
import { PLUGINS } from "./options.ts";

/** Plugins that add no keys. */
const WITHOUT_KEYS = ["MARK"];

/** Adds the options that choose the keys, and notes on keys without a counterpart. */
export function addKeys({ entries, notes }: Output, { filters, input, kind }: Route): void {
  // The keys of flows are all NFCT's, those of counters all NFACCT's.
  const hasSumTime = (input.number("timestamp")?.number ?? 0) !== 0;
  if (kind === "counter" && !hasSumTime) entries.push(["sum_time", false]);
  if (kind !== "packet") return;
  const plugins = PLUGINS.filter((plugin) => filters.includes(plugin));
  if (plugins.length < PLUGINS.length) entries.push(["plugins", plugins]);
  const sequence = ["local", "global"].filter((number) =>
    (input.number(`seq_${number}`)?.number ?? 0) !== 0
  );
  if (sequence.length > 0) entries.push(["sequence", sequence]);
  const label = (input.number("numeric_label")?.number ?? 0) & 0xff;
  if (label !== 0) entries.push(["label", label]);
  for (const filter of filters) {
    if (WITHOUT_KEYS.includes(filter) || plugins.some((plugin) => plugin === filter)) continue;
    notes.push(`the keys of ${filter} are not printed`);
  }
}
