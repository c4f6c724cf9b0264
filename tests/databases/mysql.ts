/**
 * The MySQL output without a capture.
 *
 * @module
 */

import { connectionOf } from "../../src/output/mysql/connection.ts";
import type { MysqlOptions } from "../../src/output/mysql/options.ts";
import { openMysql } from "../../src/output/mysql/writer.ts";
import { temporaryFolder } from "../system/process.ts";
import type { MariaServer } from "./maria_server.ts";
import { deliveryOptions, recorder } from "./rows.ts";

/** Makes a spool for the table of a database. */
export async function spoolTo(
  server: MariaServer,
  database: string,
  options: Partial<MysqlOptions> = {},
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
    open: (url = server.url(database)) =>
      openMysql({
        url,
        connection: connectionOf(url, () => undefined),
        create: true,
        ...deliveryOptions(spool),
        ...options,
      }, log),
    /** Runs a query as root. */
    query: (sql: string) => server.sql(sql, database),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
