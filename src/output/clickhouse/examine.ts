/** Examination of the database of a ClickHouse output. */

import type { Finding } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { examineServer } from "../server/examine.ts";
import { Client } from "./client.ts";
import { describeConnection } from "./connection.ts";
import { findTable, migrate } from "./migrate.ts";
import type { ClickhouseOptions } from "./options.ts";
import { problemOf } from "./problem.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Examines the database and its tables. */
export function examineDatabase(
  options: ClickhouseOptions,
  examination: OutputExamination,
): Promise<Finding> {
  return examineServer({
    options,
    resolve: () => resolveConnection(options).connection,
    describe: describeConnection,
    async check(connection, tables) {
      const client = await Client.open(connection);
      try {
        return await tables({
          version: async (record, table) => (await findTable(client, record, table)).version,
          require: (record, table) => migrate(client, record, table, { create: false }),
        });
      } finally {
        client.close();
      }
    },
    problemOf,
  }, examination);
}
