/** `nfscribe db`: creates, prints and maintains the table of an output's database. */

import type { Command } from "../command.ts";
import { outputs } from "../../output/outputs.ts";
import { CONFIG, FLAGS } from "../common_options.ts";
import { outputOption } from "../part_options.ts";

const DATABASES = Object.values(outputs).filter(({ database }) => database !== undefined);
const TYPES = DATABASES.map(({ type }) => type).join(", ").replace(/, (\w+)$/, " or $1");

/** `nfscribe db` */
export const dbCommand: Command = {
  name: "db",
  summary: "make the table of a database, bring it up to date, print its SQL",
  details: `The database and the table are those of the configuration file's output of type
${TYPES}, or of options. init and index may run every day, beside nfscribe run.`,
  operands: [{
    name: "ACTION",
    choices: {
      init: "make the table, or bring an older one up to date; make partitions for the days to " +
        "come; delete what is older than retention_days, and move rows of older days into " +
        "partitions of their days",
      index: "make indexes for a search by address: in PostgreSQL on the days that are over",
      schema: "print the SQL that makes the table; connect to nothing",
    },
    help: "what to do",
  }],
  options: [
    CONFIG,
    { name: "output", value: "NAME", help: "the output, where the file has several" },
    ...DATABASES.map((type) => ({
      ...outputOption(type),
      help: `the database, as in ${type.shorthand.example}`,
    })),
    { name: "table", value: "NAME", help: "the table, as in packets or firewall.packets" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe db init -c /etc/nfscribe/nfscribe.toml", "before the first start"],
    ["nfscribe db init --postgres postgres://owner@localhost/firewall", "the same without a file"],
    ["nfscribe db index --sqlite nfscribe.db", "for searches by address in a file"],
    ["nfscribe db schema --table firewall.packets", "what init would do, to read or for psql"],
  ],
  execute: async (options) => (await import("./db.ts")).execute(options),
};
