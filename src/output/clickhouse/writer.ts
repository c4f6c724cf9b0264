/** The privileged half of the ClickHouse output. */

import { SpoolWriter } from "../delivery/writer.ts";
import type { OutputLog } from "../output.ts";
import { connectionNeeds } from "../server/connection.ts";
import { CLICKHOUSE, describeConnection } from "./connection.ts";
import { type CompleteClickhouseOptions, SENDER } from "./prepare.ts";
import type { ClickhouseTarget } from "./sender/receiver.ts";

/**
 * Opens the spool and connects. A server that is away is no failure: rows wait.
 *
 * @param options Complete options.
 * @param log Receives messages.
 * @throws {OutputError} If the spool, the connection or the table is unusable.
 */
export function openClickhouse(
  options: CompleteClickhouseOptions,
  log: OutputLog,
): Promise<SpoolWriter<ClickhouseTarget>> {
  const { connection, compression, create, retentionDays } = options;
  return SpoolWriter.open<ClickhouseTarget>(options, {
    module: SENDER,
    name: "clickhouse",
    where: describeConnection(connection),
    needs: connectionNeeds(connection, CLICKHOUSE),
    target: {
      connection,
      compression,
      create,
      ...retentionDays !== undefined && { retentionDays },
    },
  }, log);
}
