/** The MySQL output: a row of a table of MySQL or MariaDB for each record. */

import { defineOutput } from "../define.ts";
import { sandboxRowOptions } from "../delivery/complete.ts";
import { mysqlEntries } from "./options.ts";
import { completeMysqlOptions, mysqlNeeds, mysqlProblems, SENDER } from "./prepare.ts";

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
  database: async (options) => new (await import("./database.ts")).MysqlDatabase(options),
  isShown: true,
  problems: mysqlProblems,
  complete: completeMysqlOptions,
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  permissions: mysqlNeeds,
  examine: async (options, examination) =>
    // It takes memory that others need not have.
    (await import("./examine.ts")).examineDatabase(options, examination),
  sandboxOptions: (options) => sandboxRowOptions(options),
  async open(options, log) {
    const { openMysql } = await import("./writer.ts");
    return await openMysql(options, log);
  },
});
