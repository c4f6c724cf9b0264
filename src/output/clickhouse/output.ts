/** The ClickHouse output: a row of a table of ClickHouse for each record. */

import { defineOutput } from "../define.ts";
import { sandboxRowOptions } from "../delivery/complete.ts";
import { clickhouseEntries, type ClickhouseOptions } from "./options.ts";
import { preparation, SENDER } from "./prepare.ts";

/** The ClickHouse output. */
export default defineOutput({
  type: "clickhouse",
  kinds: ["packet", "flow", "counter"],
  entries: clickhouseEntries,
  buffering: "spool",
  shorthand: {
    value: "URL",
    key: "url",
    help: "write rows into ClickHouse, as in http://user@host:8123/db",
    example: "http://user@host:8123/database",
    like: /^https?:\/\/[^/]*:8(123|443)\//,
  },
  init: {
    purpose: "a row a packet, flow or counter",
    value: "http://nfscribe@localhost:8123/nfscribe",
    isOffered: false,
    question: "The database",
    lines: `create = true                  # makes the table where it is missing
# secret_file = "clickhouse.password"    # or CLICKHOUSE_PASSWORD
spool = "spool-clickhouse"     # rows wait there for the server
# retention_days = 30          # all are kept without it
`,
  },
  threads: [SENDER],
  database: databaseOf,
  ...preparation,
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  examine: async (options, examination) => await (await databaseOf(options)).examine(examination),
  sandboxOptions: (options) => sandboxRowOptions(options),
  async open(options, log) {
    const { openClickhouse } = await import("./writer.ts");
    return await openClickhouse(options, log);
  },
});

/** Loads the database, which takes memory that others need not have. */
async function databaseOf(options: ClickhouseOptions) {
  const { ClickhouseDatabase } = await import("./database.ts");
  return new ClickhouseDatabase(options);
}
