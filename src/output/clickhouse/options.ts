/** Options of a ClickHouse output in a configuration. */

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
} from "../../schema.ts";
import { deliveryEntries } from "../delivery/options.ts";
import { tableEntries } from "../server/options.ts";

/** Options of a table `[output.NAME]` with `type = "clickhouse"`. */
export const clickhouseEntries = {
  url: described(
    "http://user@host:port/database or https://…; NFSCRIBE_CLICKHOUSE_URL if left out.",
    omittable(text("a URL, as in http://nfscribe@localhost:8123/nfscribe")),
  ),
  secretFile: described(
    "File with the user's password, which others must not read; CLICKHOUSE_PASSWORD if left out.",
    omittable(path("input", "a file's path")),
  ),
  compression: described(
    "How rows are compressed on their way: none, or gzip, which saves the network and costs CPU.",
    optional(oneOf(["none", "gzip"]), "none"),
  ),
  ...tableEntries("The table of packets, in the database of the URL."),
  ...deliveryEntries("spool-clickhouse"),
  // Each insert makes a part, which the server merges later: few and large ones are better.
  flushMs: described(
    "How long rows are collected before they are sent, in milliseconds.",
    optional(wholeNumber(1, 3_600_000), 1000),
  ),
} satisfies Entries;

/** Checked options of a ClickHouse output. */
export type ClickhouseOptions = OptionsOf<typeof clickhouseEntries>;
