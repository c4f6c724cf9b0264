/** Options of outputs whose rows go through a spool into a database. */

import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  text,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";

/** Options of the rows themselves, and of the tables beside that of packets. */
export const rowEntries = {
  flowsTable: described(
    "The table of flows, in the same place; it is made where flows come.",
    optional(text("a table's name"), "flows"),
  ),
  countersTable: described(
    "The table of counters, in the same way.",
    optional(text("a table's name"), "counters"),
  ),
  payload: described("Whether the packet's bytes are stored.", optional(yesOrNo(), false)),
  hostname: described(
    "Host name in the rows; this host's name if left out.",
    omittable(text("a host's name")),
  ),
} satisfies Entries;

/** Returns the options of the spool and of sending from it; `folder` is the default. */
export function deliveryEntries(folder: string) {
  return {
    spool: described(
      "The folder where rows wait until the server has them; it is created if it is missing.",
      optional(path("folder", "a folder's path"), folder),
    ),
    spoolLimit: described(
      "How large the spool may grow, in bytes.",
      optional(wholeNumber(64 * 1024 * 1024, 2 ** 50), 1024 * 1024 * 1024),
    ),
    spoolSync: described(
      "When the spool is synced to disk: never, every second, or at once.",
      optional(oneOf(["off", "second", "batch"]), "second"),
    ),
    whenFull: described(
      "While the spool is full: block (the kernel's buffer fills, and it counts what it drops) or drop (counted).",
      optional(oneOf(["block", "drop"]), "block"),
    ),
    flushMs: described(
      "How long rows are collected before they are sent, in milliseconds.",
      optional(wholeNumber(1, 3_600_000), 200),
    ),
    flushRows: described(
      "The most rows that are sent at once.",
      optional(wholeNumber(1, 1_000_000), 100_000),
    ),
    retentionDays: described(
      "How many days of records are kept; all if left out.",
      omittable(wholeNumber(1, 36_500)),
    ),
  } satisfies Entries;
}

/** Checked options of the spool and of sending from it. */
export type DeliveryOptions = OptionsOf<ReturnType<typeof deliveryEntries>>;
