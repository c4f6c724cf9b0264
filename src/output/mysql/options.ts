/** Options of a MySQL output in a configuration. */

import { described, type Entries, omittable, type OptionsOf, text } from "../../schema.ts";
import { deliveryEntries } from "../delivery/options.ts";
import { tableEntries } from "../server/options.ts";

/** Options of a table `[output.NAME]` with `type = "mysql"`. */
export const mysqlEntries = {
  url: described(
    "mysql://user@host:port/database?sslmode=…; NFSCRIBE_MYSQL_URL or an option file if left out.",
    omittable(text("a URL, as in mysql://nfscribe@localhost/nfscribe")),
  ),
  ...tableEntries("The table of packets, in the database of the URL."),
  ...deliveryEntries("spool-mysql"),
} satisfies Entries;

/** Checked options of a MySQL output. */
export type MysqlOptions = OptionsOf<typeof mysqlEntries>;
