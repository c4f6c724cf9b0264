/** Examination of the database of a SQLite output. Nothing is changed. */

import { DatabaseSync } from "node:sqlite";
import { type Finding, fix, ok } from "../../finding.ts";
import { unlessAbsent } from "../../files/place.ts";
import { quotedPath } from "../../text/shell_quoted.ts";
import type { OutputExamination } from "../define.ts";
import { examineFile } from "../file/examine.ts";
import { PACKETS } from "../table/packets.ts";
import { versionOf } from "./open.ts";
import type { SqliteOptions } from "./options.ts";
import { problemOf } from "./problem.ts";

/** Examines the file and its table. */
export function examineDatabase(
  { path, table }: SqliteOptions,
  examination: OutputExamination,
): Promise<Finding> {
  const { check } = examination;
  const file = examineFile({ path, sync: false }, examination);
  if (file.state !== "ok" || unlessAbsent(() => Deno.lstatSync(path)) === undefined) {
    return Promise.resolve(file);
  }
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const version = versionOf(database, PACKETS, path, table);
    const what = version === 0 ? `a start makes table ${table}` : `table ${table} is there`;
    return Promise.resolve(ok(check, `${path} can be written; ${what}`));
  } catch (error) {
    const { message } = problemOf(error, path, "read");
    return Promise.resolve(
      fix(check, message, "see what is in the file", [`file ${quotedPath(path)}`]),
    );
  } finally {
    database?.close();
  }
}
