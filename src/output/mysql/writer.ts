/** The privileged half of the MySQL output. */

import { SpoolWriter } from "../delivery/writer.ts";
import type { OutputLog } from "../output.ts";
import { connectionNeeds } from "../server/connection.ts";
import { describeConnection, MYSQL } from "./connection.ts";
import { type CompleteMysqlOptions, SENDER } from "./prepare.ts";
import type { MysqlTarget } from "./sender/receiver.ts";

/**
 * Opens the spool and connects. A server that is away is no failure: rows wait.
 *
 * @param options Complete options.
 * @param log Receives messages.
 * @throws {OutputError} If the spool, the connection or the table is unusable.
 */
export function openMysql(
  options: CompleteMysqlOptions,
  log: OutputLog,
): Promise<SpoolWriter<MysqlTarget>> {
  const { connection, create, retentionDays } = options;
  return SpoolWriter.open<MysqlTarget>(options, {
    module: SENDER,
    name: "mysql",
    where: describeConnection(connection),
    keepsLosses: true,
    keepsOrigins: true,
    needs: connectionNeeds(connection, MYSQL),
    target: { connection, create, ...retentionDays !== undefined && { retentionDays } },
  }, log);
}
