/** The SQLite output: a row of a table in a file for each record. */

import { defineOutput } from "../define.ts";
import { completeDelivery, sandboxRowOptions } from "../delivery/complete.ts";
import { sqliteEntries } from "./options.ts";
import { SENDER, sqliteNeeds, sqliteProblems } from "./prepare.ts";

/** The SQLite output. */
export default defineOutput({
  type: "sqlite",
  kinds: ["packet", "flow", "counter"],
  entries: sqliteEntries,
  buffering: "spool",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write rows into a SQLite database, as in nfscribe.db",
    example: "nfscribe.db",
    like: /\.(db|sqlite3?)$/,
  },
  init: {
    purpose: "a row a packet, flow or counter, in a file",
    value: "nfscribe.db",
    natLog: "nat.db",
    isOffered: false,
    question: "The database's file",
    lines: `# retention_days = 30          # all are kept without it
# retention_bytes = 10_000_000_000    # the oldest are deleted
spool = "spool-sqlite"         # rows wait there for the database
`,
  },
  replaces: {
    plugin: "SQLITE3",
    importer: async () => (await import("./import.ts")).importSqlite,
  },
  threads: [SENDER],
  database: async (options) => new (await import("./database.ts")).SqliteDatabase(options),
  isShown: true,
  problems: sqliteProblems,
  complete: (options) => completeDelivery(options),
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  permissions: sqliteNeeds,
  examine: async (options, examination) =>
    (await import("./examine.ts")).examineDatabase(options, examination),
  sandboxOptions: (options) => sandboxRowOptions(options),
  async open(options, log) {
    const { openSqlite } = await import("./writer.ts");
    return await openSqlite(options, log);
  },
});
