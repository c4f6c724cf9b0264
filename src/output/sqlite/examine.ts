/** Examination of the database of a SQLite output. Nothing is changed. */

import { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import { unlessAbsent } from "../../files/place.ts";
import { quotedPath } from "../../text/shell_quoted.ts";
import type { OutputExamination } from "../define.ts";
import { examineFile } from "../file/examine.ts";
import { lookAtTables } from "../server/examine.ts";
import type { RecordTable } from "../table/record_table.ts";
import { versionOf } from "./open.ts";
import type { SqliteOptions } from "./options.ts";
import { problemOf } from "./problem.ts";
import { newestOf } from "./schema.ts";

/** Examines the file and its tables. */
export async function examineDatabase(
  options: SqliteOptions,
  examination: OutputExamination,
): Promise<Finding> {
  const { path } = options;
  const { check } = examination;
  const file = examineFile({ path, sync: false }, examination);
  if (file.state !== "ok" || unlessAbsent(() => Deno.lstatSync(path)) === undefined) {
    return file;
  }
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const own = database;
    const versions = (record: RecordTable) =>
      Promise.resolve().then(() => versionOf(own, record, path, options[record.option]));
    const found = await lookAtTables({ ...options, create: true }, {
      version: versions,
      require: async (record) => {
        if (await versions(record) === newestOf(record)) return;
        throw new OutputError(path, `Table ${options[record.option]} of ${path} is older`);
      },
    });
    return ok(check, `${path} can be written; ${found}`);
  } catch (error) {
    const { message } = problemOf(error, path, "read");
    return fix(check, message, "see what is in the file", [`file ${quotedPath(path)}`]);
  } finally {
    database?.close();
  }
}
