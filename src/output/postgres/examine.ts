/** Examination of the database of a Postgres output. */

import type { Finding } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { examineServer } from "../server/examine.ts";
import { client } from "./connect.ts";
import { problemOf } from "./connect_error.ts";
import { describeConnection } from "./connection.ts";
import { look, migrate } from "./migrate.ts";
import type { PostgresOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { parseTable } from "./table.ts";

/** Examines the database and its tables. */
export function examineDatabase(
  options: PostgresOptions,
  examination: OutputExamination,
): Promise<Finding> {
  return examineServer({
    options,
    resolve: () => resolveConnection(options.url).connection,
    describe: describeConnection,
    async check(connection, tables) {
      const sql = client(connection);
      try {
        await sql`SELECT`;
        return await tables({
          version: async (record, table) => (await look(sql, record, parseTable(table))).version,
          require: (record, table) => migrate(sql, record, parseTable(table), { create: false }),
        });
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
    problemOf,
  }, examination);
}
