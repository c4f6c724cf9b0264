/** Prepares the options of a SQLite output; the writer itself is loaded only when it is opened. */

import type { ConfigProblem } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { ownerNeeds } from "../../files/place.ts";
import type { CompleteDelivery } from "../delivery/complete.ts";
import { deliveryNeeds } from "../delivery/needs.ts";
import { parsingProblems, tableProblems } from "../delivery/problems.ts";
import type { SqliteOptions } from "./options.ts";
import { parseTableName } from "../table/name.ts";

/** Options completed by the privileged process. */
export type CompleteSqliteOptions = SqliteOptions & CompleteDelivery;

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/sqlite/sender/worker.ts";

/** Checks the tables' names and the path. */
export function sqliteProblems(options: Partial<SqliteOptions>): ConfigProblem[] {
  const problems = parsingProblems(options, {
    path(path) {
      if (path === "-" || path === ":memory:") throw new Error("must be a file, as in nfscribe.db");
    },
  });
  return [...problems, ...tableProblems(options, parseTableName)];
}

/** Returns the permissions for the database's file; SQLite uses those beside it without asking. */
export function fileNeeds(path: string): Need[] {
  return [
    { name: "read", value: path, why: "the database" },
    { name: "write", value: path, why: "the database" },
    ...ownerNeeds(path),
  ];
}

/** Returns the permissions that a SQLite output needs. */
export function sqliteNeeds(options: SqliteOptions): Need[] {
  return [...deliveryNeeds(options), ...fileNeeds(options.path)];
}
