/** The ClickHouse output: a row of a table of ClickHouse for each record. */

import { defineOutput } from "../define.ts";
import { sandboxRowOptions } from "../delivery/complete.ts";
import { clickhouseEntries } from "./options.ts";
import {
  clickhouseNeeds,
  clickhouseProblems,
  completeClickhouseOptions,
  SENDER,
} from "./prepare.ts";

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
  database: async (options) => new (await import("./database.ts")).ClickhouseDatabase(options),
  problems: clickhouseProblems,
  complete: completeClickhouseOptions,
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  permissions: clickhouseNeeds,
  examine: async (options, examination) =>
    (await import("./examine.ts")).examineDatabase(options, examination),
  sandboxOptions: (options) => sandboxRowOptions(options),
  async open(options, log) {
    const { openClickhouse } = await import("./writer.ts");
    return await openClickhouse(options, log);
  },
});
