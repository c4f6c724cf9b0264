/**
 * The ClickHouse output without a capture.
 *
 * @module
 */

import { connectionOf } from "../../src/output/clickhouse/connection.ts";
import type { ClickhouseOptions } from "../../src/output/clickhouse/options.ts";
import { openClickhouse } from "../../src/output/clickhouse/writer.ts";
import { temporaryFolder } from "../system/process.ts";
import { type ClickServer, PASSWORD } from "./click_server.ts";
import { deliveryOptions, recorder } from "./rows.ts";

/** Makes a spool for the table of a database. */
export async function spoolTo(
  server: ClickServer,
  database: string,
  options: Partial<ClickhouseOptions> = {},
) {
  const folder = await temporaryFolder();
  const spool = `${folder.path}/spool`;
  const { said, log } = recorder();
  return {
    folder: folder.path,
    spool,
    /** Messages of the writers. */
    said,
    /** Opens the output; the URL is the database's unless another one is given. */
    open: (url = server.url(database), password: string | undefined = PASSWORD) =>
      openClickhouse({
        url,
        connection: connectionOf(url, () => undefined, password),
        compression: "none",
        create: true,
        ...deliveryOptions(spool),
        ...options,
      }, log),
    /** Runs a query as the default user. */
    query: (sql: string) => server.sql(sql, database),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
