/** Examination of the database of a ClickHouse output. */

import type { Finding } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { examineServer } from "../server/examine.ts";
import { Client } from "./client.ts";
import { describeConnection } from "./connection.ts";
import { migrate } from "./migrate.ts";
import type { ClickhouseOptions } from "./options.ts";
import { problemOf } from "./problem.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Examines the database and its table. */
export function examineDatabase(
  options: ClickhouseOptions,
  examination: OutputExamination,
): Promise<Finding> {
  const { table, create } = options;
  return examineServer({
    table,
    create,
    resolve: () => resolveConnection(options).connection,
    describe: describeConnection,
    async check(connection) {
      const client = await Client.open(connection);
      try {
        await migrate(client, table, { create: false });
      } finally {
        client.close();
      }
    },
    problemOf,
  }, examination);
}
