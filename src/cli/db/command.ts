/**
 * `nfscribe db`: the table of the Postgres output, made, printed and looked after.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { CONFIG, FLAGS } from "../common_options.ts";

/** `nfscribe db` */
export const dbCommand: Command = {
  name: "db",
  summary: "make the table in PostgreSQL, bring it up to date, print its SQL",
  details: `The database and the table are those of the configuration file's output of type
postgres, or of options. init and index may run every day, beside nfscribe run.`,
  operands: [{
    name: "ACTION",
    choices: {
      init: "make the table, or bring an older one up to date; make partitions for the days to " +
        "come; delete what is older than retention_days, and move rows of older days into " +
        "partitions of their days",
      index: "make indexes for a search by address on the days that are over",
      schema: "print the SQL that makes the table; connect to nothing",
    },
    help: "what to do",
  }],
  options: [
    CONFIG,
    { name: "output", value: "NAME", help: "the output, where the file has several" },
    { name: "postgres", value: "URL", help: "the database, as in postgres://user@host/database" },
    { name: "table", value: "NAME", help: "the table, as in packets or firewall.packets" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe db init -c /etc/nfscribe/nfscribe.toml", "before the first start"],
    ["nfscribe db init --postgres postgres://owner@localhost/firewall", "the same without a file"],
    ["nfscribe db schema --table firewall.packets", "what init would do, to read or for psql"],
  ],
  execute: async (options) => (await import("./db.ts")).execute(options),
};
