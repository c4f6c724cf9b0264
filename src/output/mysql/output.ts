/** The MySQL output: a row of a table of MySQL or MariaDB for each record. */

import { defineOutput } from "../define.ts";
import { mysqlEntries } from "./options.ts";
import { parts, SENDER } from "./prepare.ts";

/** The MySQL output. */
export default defineOutput({
  type: "mysql",
  entries: mysqlEntries,
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
  isShown: true,
  ...parts,
  async open(options, log) {
    const { openMysql } = await import("./writer.ts");
    return await openMysql(options, log);
  },
});
