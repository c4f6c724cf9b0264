/** Examination of a database on a server. Nothing is changed. */

import { OutputError } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import type { Problem } from "../delivery/problem.ts";
import { PACKETS } from "../table/packets.ts";
import type { RecordTable, TableOption } from "../table/record_table.ts";
import { RECORD_TABLES } from "../table/record_tables.ts";

/** Looks at one table of a database. */
export interface TableCheck {
  /** Returns its version, 0 if it is missing; throws an {@linkcode OutputError} if it is of another program. */
  version(record: RecordTable, table: string): Promise<number>;
  /** Throws an {@linkcode OutputError} if it is not of the newest version. */
  require(record: RecordTable, table: string): Promise<unknown>;
}

/** Names of an output's tables, and whether a start creates them. */
export type TableOptions = Readonly<Record<TableOption, string>> & { readonly create: boolean };

/** A server and its tables, as they are examined. */
export interface ExaminedServer<Connection> {
  options: TableOptions;
  /** Finds the connection; throws if it is not given. */
  resolve(): Connection;
  /** Formats a connection for messages. */
  describe(connection: Connection): string;
  /** Connects, has the tables looked at, and closes the connection; throws what is wrong. */
  check(
    connection: Connection,
    tables: (check: TableCheck) => Promise<string>,
  ): Promise<string>;
  /** Explains an error of the server. */
  problemOf(error: unknown, connection: Connection, doing: string): Problem;
}

/** Examines a database and its tables: that of packets, and the others that are there. */
export async function examineServer<Connection>(
  server: ExaminedServer<Connection>,
  { check, initCommand }: OutputExamination,
): Promise<Finding> {
  let connection;
  try {
    connection = server.resolve();
  } catch (error) {
    return fix(check, (error as Error).message, "say where the database is with url");
  }
  const where = server.describe(connection);
  try {
    const found = await server.check(connection, (look) => lookAtTables(server.options, look));
    return ok(check, `${where} answers; ${found}`);
  } catch (error) {
    if (error instanceof OutputError) {
      return fix(check, `${where} answers, but ${error.message}`, "make the table", [initCommand]);
    }
    const { message } = server.problemOf(error, connection, "connect");
    return fix(check, message, "see whether the server runs, and what the URL says");
  }
}

/** Looks at the tables; returns which are there, and which a start makes or brings up to date. */
export async function lookAtTables(
  options: TableOptions,
  { version, require }: TableCheck,
): Promise<string> {
  const [there, due]: string[][] = [[], []];
  for (const record of RECORD_TABLES) {
    const table = options[record.option];
    // The others are made when their first record comes.
    if (await version(record, table) === 0 && record !== PACKETS) continue;
    try {
      await require(record, table);
      there!.push(table);
    } catch (error) {
      if (!(error instanceof OutputError) || !options.create) throw error;
      due!.push(table);
    }
  }
  return [
    ...due!.length > 0 ? [`a start makes ${counted(due!)}`] : [],
    ...there!.length > 0 ? [`${counted(there!)} ${there!.length > 1 ? "are" : "is"} there`] : [],
  ].join("; ");
}

function counted(tables: readonly string[]): string {
  return `${tables.length > 1 ? "tables" : "table"} ${tables.join(", ")}`;
}
