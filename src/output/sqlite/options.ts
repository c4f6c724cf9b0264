/** Options of a SQLite output in a configuration. */

import {
  described,
  type Entries,
  omittable,
  optional,
  type OptionsOf,
  path,
  text,
  wholeNumber,
} from "../../schema.ts";
import { deliveryEntries, rowEntries } from "../delivery/options.ts";

/** Options of a table `[output.NAME]` with `type = "sqlite"`. */
export const sqliteEntries = {
  path: described(
    "The database's file, as in nfscribe.db; it is created if it is missing.",
    path("file", "a file's path"),
  ),
  table: described("The table of packets.", optional(text("a table's name"), "packets")),
  ...rowEntries,
  ...deliveryEntries("spool-sqlite"),
  retentionRows: described(
    "How many records of each kind are kept, the newest; all if left out.",
    omittable(wholeNumber(1000, Number.MAX_SAFE_INTEGER)),
  ),
  retentionBytes: described(
    "How large the file may become; the oldest records are deleted. No limit if left out.",
    omittable(wholeNumber(16 * 1024 * 1024, 2 ** 50)),
  ),
} satisfies Entries;

/** Checked options of a SQLite output. */
export type SqliteOptions = OptionsOf<typeof sqliteEntries>;
