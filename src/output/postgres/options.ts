/** Options of a Postgres output in a configuration. */

import { described, type Entries, omittable, type OptionsOf, text } from "../../schema.ts";
import { deliveryEntries } from "../delivery/options.ts";
import { tableEntries } from "../server/options.ts";

/** Options of a table `[output.NAME]` with `type = "postgres"`. */
export const postgresEntries = {
  url: described(
    "postgres://user@host:port/database?sslmode=…; NFSCRIBE_POSTGRES_URL or libpq's PG* variables if left out.",
    omittable(text("a URL, as in postgres://nfscribe@localhost/nfscribe")),
  ),
  ...tableEntries("The table of packets, as in firewall.packets."),
  ...deliveryEntries("spool"),
} satisfies Entries;

/** Checked options of a Postgres output. */
export type PostgresOptions = OptionsOf<typeof postgresEntries>;
