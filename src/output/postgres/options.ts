/** Options of a Postgres output in a configuration. */

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

/** Options of a table `[output.NAME]` with `type = "postgres"`. */
export const postgresEntries = {
  url: described(
    "postgres://user@host:port/database?sslmode=…; NFSCRIBE_POSTGRES_URL or libpq's PG* variables if left out.",
    omittable(text("a URL, as in postgres://nfscribe@localhost/nfscribe")),
  ),
  table: described(
    "The table of packets, as in firewall.packets.",
    optional(text("a table's name"), "packets"),
  ),
  create: described(
    "Whether the start creates the table, or migrates an older one.",
    optional(yesOrNo(), false),
  ),
  ...rowEntries,
  ...deliveryEntries("spool"),
} satisfies Entries;

/** Checked options of a Postgres output. */
export type PostgresOptions = OptionsOf<typeof postgresEntries>;
