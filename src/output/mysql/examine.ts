/** Examination of the database of a MySQL output. */

import type { Finding } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { examineServer } from "../server/examine.ts";
import { Client } from "./client.ts";
import { describeConnection } from "./connection.ts";
import { PACKETS } from "../table/packets.ts";
import { migrate } from "./migrate.ts";
import type { MysqlOptions } from "./options.ts";
import { problemOf } from "./problem.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Examines the database and its table. */
export function examineDatabase(
  { url, table, create }: MysqlOptions,
  examination: OutputExamination,
): Promise<Finding> {
  return examineServer({
    table,
    create,
    resolve: () => resolveConnection(url).connection,
    describe: describeConnection,
    async check(connection) {
      const client = await Client.open(connection);
      try {
        await migrate(client, PACKETS, table, { create: false });
      } finally {
        client.close();
      }
    },
    problemOf,
  }, examination);
}
