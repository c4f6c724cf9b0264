/** The Postgres output: a row of a table for each record. */

import { defineOutput } from "../define.ts";
import { postgresEntries } from "./options.ts";
import { parts, SENDER } from "./prepare.ts";

/** The Postgres output. */
export default defineOutput({
  type: "postgres",
  entries: postgresEntries,
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
  isShown: true,
  ...parts,
  async open(options, log) {
    const { openPostgres } = await import("./writer.ts");
    return await openPostgres(options, log);
  },
});
