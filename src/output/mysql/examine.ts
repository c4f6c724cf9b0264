/** Examination of the database of a MySQL output. Nothing is changed. */

import { OutputError } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { Client } from "./client.ts";
import { describeConnection } from "./connection.ts";
import { migrate } from "./migrate.ts";
import type { MysqlOptions } from "./options.ts";
import { problemOf } from "./problem.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Examines the database and its table. */
export async function examineDatabase(
  { url, table, create }: MysqlOptions,
  { check, initCommand }: OutputExamination,
): Promise<Finding> {
  let connection;
  try {
    connection = resolveConnection(url).connection;
  } catch (error) {
    return fix(check, (error as Error).message, "say where the database is with url");
  }
  const where = describeConnection(connection);
  let client: Client | undefined;
  try {
    client = await Client.open(connection);
    await migrate(client, table, { create: false });
    return ok(check, `${where} answers; table ${table} is there`);
  } catch (error) {
    if (error instanceof OutputError) {
      if (create) return ok(check, `${where} answers; a start makes table ${table}`);
      return fix(check, `${where} answers, but ${error.message}`, "make the table", [initCommand]);
    }
    const { message } = problemOf(error, connection, "connect");
    return fix(check, message, "see whether the server runs, and what the URL says");
  } finally {
    client?.close();
  }
}
