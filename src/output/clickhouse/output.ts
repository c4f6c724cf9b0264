/** The ClickHouse output: a row of a table of ClickHouse for each record. */

import { defineOutput } from "../define.ts";
import { clickhouseEntries } from "./options.ts";
import { parts, SENDER } from "./prepare.ts";

/** The ClickHouse output. */
export default defineOutput({
  type: "clickhouse",
  entries: clickhouseEntries,
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
  ...parts,
  async open(options, log) {
    const { openClickhouse } = await import("./writer.ts");
    return await openClickhouse(options, log);
  },
});
