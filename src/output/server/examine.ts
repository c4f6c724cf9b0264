/** Examination of the tables of a database. Nothing is changed. */

import { OutputError } from "../../errors.ts";
import { PACKETS } from "../table/packets.ts";
import type { RecordTable, TableOption } from "../table/record_table.ts";
import { RECORD_TABLES } from "../table/record_tables.ts";

/** Looks at one table of a database. */
export interface TableCheck {
  /** Returns its version, 0 if it is missing; throws an {@linkcode OutputError} if it is of another program. */
  version(record: RecordTable): Promise<number>;
  /** Throws an {@linkcode OutputError} if it is not of the newest version. */
  require(record: RecordTable): Promise<unknown>;
}

/** Names of an output's tables, and whether a start creates them. */
export type TableOptions = Readonly<Record<TableOption, string>> & { readonly create: boolean };

/** Looks at the tables; returns which are there, and which a start makes or brings up to date. */
export async function lookAtTables(
  options: TableOptions,
  { version, require }: TableCheck,
): Promise<string> {
  const [there, due]: string[][] = [[], []];
  for (const record of RECORD_TABLES) {
    const table = options[record.option];
    // The others are made when their first record comes.
    if (await version(record) === 0 && record !== PACKETS) continue;
    try {
      await require(record);
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
