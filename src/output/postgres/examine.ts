/** Examination of the database of a Postgres output. Nothing is changed. */

import { OutputError } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { client } from "./connect.ts";
import { problemOf } from "./connect_error.ts";
import { describeConnection } from "./connection.ts";
import { migrate, type Sql } from "./migrate.ts";
import type { PostgresOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { parseTable } from "./table.ts";

/** Examines the database and its table. */
export async function examineDatabase(
  { url, table, create }: PostgresOptions,
  { check, initCommand }: OutputExamination,
): Promise<Finding> {
  let connection;
  try {
    connection = resolveConnection(url).connection;
  } catch (error) {
    return fix(check, (error as Error).message, "say where the database is with url");
  }
  const where = describeConnection(connection);
  const sql = client(connection);
  try {
    await sql`SELECT`;
    const found = await migrated(sql, table);
    if (found === undefined) return ok(check, `${where} answers; table ${table} is there`);
    if (create) return ok(check, `${where} answers; a start makes table ${table}`);
    return fix(check, `${where} answers, but ${found.message}`, "make the table", [
      initCommand,
    ]);
  } catch (error) {
    const { message } = problemOf(error, connection, "connect");
    return fix(check, message, "see whether the server runs, and what the URL says");
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Migrates the table; returns what is wrong with it. */
async function migrated(
  sql: Sql,
  table: string,
): Promise<OutputError | undefined> {
  try {
    await migrate(sql, parseTable(table), { create: false });
    return undefined;
  } catch (error) {
    if (error instanceof OutputError) return error;
    throw error;
  }
}
