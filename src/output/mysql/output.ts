/** The MySQL output: a row of a table of MySQL or MariaDB for each record. */

import { defineOutput } from "../define.ts";
import { sandboxRowOptions } from "../delivery/complete.ts";
import { mysqlEntries, type MysqlOptions } from "./options.ts";
import { preparation, SENDER } from "./prepare.ts";

/** The MySQL output. */
export default defineOutput({
  type: "mysql",
  kinds: ["packet", "flow", "counter"],
  entries: mysqlEntries,
  buffering: "spool",
  shorthand: {
    value: "URL",
    key: "url",
    help: "write rows into MySQL or MariaDB, as in mysql://user@host/db",
    example: "mysql://user@host/database",
    like: /^(mysql|mariadb):/,
  },
  init: {
    purpose: "a row a packet, flow or counter",
    value: "mysql://nfscribe@localhost/nfscribe",
    isOffered: false,
    question: "The database",
    lines: `create = true                  # makes the table where it is missing
spool = "spool-mysql"          # rows wait there for the server
# retention_days = 30          # all are kept without it
`,
  },
  replaces: {
    plugin: "MYSQL",
    importer: async () => (await import("./import.ts")).importMysql,
  },
  threads: [SENDER],
  database: databaseOf,
  isShown: true,
  ...preparation,
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  examine: async (options, examination) => await (await databaseOf(options)).examine(examination),
  sandboxOptions: (options) => sandboxRowOptions(options),
  async open(options, log) {
    const { openMysql } = await import("./writer.ts");
    return await openMysql(options, log);
  },
});

/** Loads the database, which takes memory that others need not have. */
async function databaseOf(options: MysqlOptions) {
  const { MysqlDatabase } = await import("./database.ts");
  return new MysqlDatabase(options);
}
