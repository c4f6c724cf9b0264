/** The privileged half of the SQLite output. */

import { SpoolWriter } from "../delivery/writer.ts";
import type { OutputLog } from "../output.ts";
import { requireFile } from "./open.ts";
import { type CompleteSqliteOptions, fileNeeds, SENDER } from "./prepare.ts";
import type { SqliteTarget } from "./sender/receiver.ts";

/**
 * Opens the spool and the database, which is created if it is missing.
 *
 * @param options Complete options.
 * @param log Receives messages.
 * @throws {OutputError} If the spool, the file or the table is unusable.
 */
export async function openSqlite(
  options: CompleteSqliteOptions,
  log: OutputLog,
): Promise<SpoolWriter<SqliteTarget>> {
  const { path, retentionDays, retentionRows, retentionBytes } = options;
  // The thread has no right to the folder, and does not see who else may create files in it.
  requireFile(path);
  return await SpoolWriter.open<SqliteTarget>(options, {
    module: SENDER,
    name: "sqlite",
    where: path,
    needs: fileNeeds(path),
    keepsLosses: true,
    keepsOrigins: true,
    target: {
      path,
      ...retentionDays !== undefined && { retentionDays },
      ...retentionRows !== undefined && { retentionRows },
      ...retentionBytes !== undefined && { retentionBytes },
    },
  }, log);
}
