/** Options of a MySQL output in a configuration. */

import {
  described,
  type Entries,
  omittable,
  optional,
  type OptionsOf,
  text,
  yesOrNo,
} from "../../schema.ts";
import { deliveryEntries, rowEntries } from "../delivery/options.ts";

/** Options of a table `[output.NAME]` with `type = "mysql"`. */
export const mysqlEntries = {
  url: described(
    "mysql://user@host:port/database?sslmode=…; NFSCRIBE_MYSQL_URL or an option file if left out.",
    omittable(text("a URL, as in mysql://nfscribe@localhost/nfscribe")),
  ),
  table: described(
    "The table of packets, in the database of the URL.",
    optional(text("a table's name"), "packets"),
  ),
  create: described(
    "Whether the start creates the table, or migrates an older one.",
    optional(yesOrNo(), false),
  ),
  ...rowEntries,
  ...deliveryEntries("spool-mysql"),
} satisfies Entries;

/** Checked options of a MySQL output. */
export type MysqlOptions = OptionsOf<typeof mysqlEntries>;
