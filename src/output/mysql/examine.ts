/** Examination of the database of a MySQL output. */

import type { Finding } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { examineServer } from "../server/examine.ts";
import { Client } from "./client.ts";
import { describeConnection } from "./connection.ts";
import { migrate, versionOf } from "./migrate.ts";
import type { MysqlOptions } from "./options.ts";
import { problemOf } from "./problem.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Examines the database and its tables. */
export function examineDatabase(
  options: MysqlOptions,
  examination: OutputExamination,
): Promise<Finding> {
  return examineServer({
    options,
    resolve: () => resolveConnection(options.url).connection,
    describe: describeConnection,
    async check(connection, tables) {
      const client = await Client.open(connection);
      try {
        return await tables({
          version: (record, table) => versionOf(client, record, table),
          require: (record, table) => migrate(client, record, table, { create: false }),
        });
      } finally {
        client.close();
      }
    },
    problemOf,
  }, examination);
}
