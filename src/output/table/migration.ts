/** Migration of a table that says first what it does. Pure. */

import { OutputError } from "../../errors.ts";

/** Change that creating or migrating a table has made. */
export type Change = "made" | "updated" | "current";

const CHANGES: Readonly<Record<Change, string>> = {
  made: "made",
  updated: "brought up to date",
  current: "up to date already",
};

/** Returns the line about a change. */
export function changeLine(where: string, table: string, change: Change): string {
  return `${where}: table ${table}: ${CHANGES[change]}`;
}

/** State of a table, and the way to the newest version. */
export interface Migration {
  /** The table's name, for messages. */
  table: string;
  /** The present version; 0 if the table is missing. */
  version: number;
  /** The newest version. */
  newest: number;
  /** Statements that lead there. */
  statements: readonly string[];
  /** Runs them. */
  run(): unknown;
}

/** Returns the error for a table that is missing. */
export function missing(where: string, table: string): OutputError {
  return new OutputError(where, `${where} has no table ${table}; nfscribe db init makes it`);
}

/** Returns the error for a table that cannot be used. */
export function refused(table: string, why: string): OutputError {
  return new OutputError(table, `Cannot use table ${table}: ${why}`);
}

/** Says that a table was made by a newer nfscribe. */
export function newer(version: number, newest: number): string {
  return `it was made by a newer nfscribe (its version is ${version}, this nfscribe knows ` +
    `${newest}); start that one`;
}

/**
 * Brings a table up to date.
 *
 * @param where The database, for messages.
 * @param print Receives lines: the statements, then what was done.
 * @param isTrial Whether to print only.
 */
export async function migrateTable(
  where: string,
  { table, version, newest, statements, run }: Migration,
  print: (line: string) => void,
  isTrial: boolean,
): Promise<void> {
  if (version === newest) {
    print(`${changeLine(where, table, "current")} (version ${version})`);
    return;
  }
  const way = version === 0 ? "made" : `from version ${version} to ${newest}`;
  print(`${where}: table ${table}: ${way} by:`);
  for (const statement of statements) print(`\n${statement};`);
  if (isTrial) return;
  await run();
  print(`\n${changeLine(where, table, version === 0 ? "made" : "updated")}`);
}
