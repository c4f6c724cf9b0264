/** Examination of the database of a Postgres output. */

import type { Finding } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { examineServer } from "../server/examine.ts";
import { client } from "./connect.ts";
import { problemOf } from "./connect_error.ts";
import { describeConnection } from "./connection.ts";
import { PACKETS } from "../table/packets.ts";
import { migrate } from "./migrate.ts";
import type { PostgresOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { parseTable } from "./table.ts";

/** Examines the database and its table. */
export function examineDatabase(
  { url, table, create }: PostgresOptions,
  examination: OutputExamination,
): Promise<Finding> {
  return examineServer({
    table,
    create,
    resolve: () => resolveConnection(url).connection,
    describe: describeConnection,
    async check(connection) {
      const sql = client(connection);
      try {
        await sql`SELECT`;
        await migrate(sql, PACKETS, parseTable(table), { create: false });
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
    problemOf,
  }, examination);
}
