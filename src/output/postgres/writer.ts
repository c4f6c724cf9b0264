/** The privileged half of the Postgres output. */

import { SpoolWriter } from "../delivery/writer.ts";
import type { OutputLog } from "../output.ts";
import { describeConnection, needsOf } from "./connection.ts";
import { type CompletePostgresOptions, SENDER } from "./prepare.ts";
import type { PostgresTarget } from "./sender/receiver.ts";

/** Writer of the Postgres output. */
export type PostgresWriter = SpoolWriter<PostgresTarget>;

/**
 * Opens the spool and connects. A server that is away is no failure: rows wait.
 *
 * @param options Complete options.
 * @param log Receives messages.
 * @throws {OutputError} If the spool, the connection or the table is unusable.
 */
export function openPostgres(
  options: CompletePostgresOptions,
  log: OutputLog,
): Promise<PostgresWriter> {
  const { connection, create, retentionDays } = options;
  return SpoolWriter.open<PostgresTarget>(options, {
    module: SENDER,
    name: "postgres",
    where: describeConnection(connection),
    keepsLosses: true,
    keepsOrigins: true,
    needs: needsOf(connection),
    target: { connection, create, ...retentionDays !== undefined && { retentionDays } },
  }, log);
}
