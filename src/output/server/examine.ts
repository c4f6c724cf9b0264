/** Examination of a database on a server. Nothing is changed. */

import { OutputError } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import type { Problem } from "../delivery/problem.ts";

/** A server and its table, as they are examined. */
export interface ExaminedServer<Connection> {
  /** The table, and whether a start creates it. */
  table: string;
  create: boolean;
  /** Finds the connection; throws if it is not given. */
  resolve(): Connection;
  /** Formats a connection for messages. */
  describe(connection: Connection): string;
  /** Connects, checks the table, and closes the connection; throws what is wrong. */
  check(connection: Connection): Promise<void>;
  /** Explains an error of the server. */
  problemOf(error: unknown, connection: Connection, doing: string): Problem;
}

/** Examines a database and its table. */
export async function examineServer<Connection>(
  server: ExaminedServer<Connection>,
  { check, initCommand }: OutputExamination,
): Promise<Finding> {
  const { table, create } = server;
  let connection;
  try {
    connection = server.resolve();
  } catch (error) {
    return fix(check, (error as Error).message, "say where the database is with url");
  }
  const where = server.describe(connection);
  try {
    await server.check(connection);
    return ok(check, `${where} answers; table ${table} is there`);
  } catch (error) {
    if (error instanceof OutputError) {
      if (create) return ok(check, `${where} answers; a start makes table ${table}`);
      return fix(check, `${where} answers, but ${error.message}`, "make the table", [initCommand]);
    }
    const { message } = server.problemOf(error, connection, "connect");
    return fix(check, message, "see whether the server runs, and what the URL says");
  }
}
