/** The Postgres output: a row of a table for each record. */

import { defineOutput } from "../define.ts";
import { sandboxRowOptions } from "../delivery/complete.ts";
import { postgresEntries, type PostgresOptions } from "./options.ts";
import { preparation, SENDER } from "./prepare.ts";

/** The Postgres output. */
export default defineOutput({
  type: "postgres",
  kinds: ["packet", "flow", "counter"],
  entries: postgresEntries,
  buffering: "spool",
  shorthand: {
    value: "URL",
    key: "url",
    help: "write rows into a database, as in postgres://user@host/db",
    example: "postgres://user@host/database",
    like: /^postgres(ql)?:/,
  },
  init: {
    purpose: "a row a packet, flow or counter",
    value: "postgres://nfscribe@localhost/nfscribe",
    isOffered: false,
    question: "The database",
    lines: `create = true                  # makes the table where it is missing
spool = "spool"                # rows wait there for the server
# retention_days = 30          # all are kept without it
`,
  },
  replaces: {
    plugin: "PGSQL",
    importer: async () => (await import("./import.ts")).importPostgres,
  },
  threads: [SENDER],
  database: databaseOf,
  isShown: true,
  ...preparation,
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  examine: async (options, examination) => await (await databaseOf(options)).examine(examination),
  sandboxOptions: (options) => sandboxRowOptions(options),
  async open(options, log) {
    const { openPostgres } = await import("./writer.ts");
    return await openPostgres(options, log);
  },
});

/** Loads the database, which takes memory that others need not have. */
async function databaseOf(options: PostgresOptions) {
  const { PostgresDatabase } = await import("./database.ts");
  return new PostgresDatabase(options);
}
