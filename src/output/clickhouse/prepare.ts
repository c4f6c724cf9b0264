/** The ClickHouse output without its writer, which is loaded only when it is opened. */

import { type CompleteServerOptions, serverParts } from "../server/prepare.ts";
import { parseTableName } from "../table/name.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { ClickhouseOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Options completed by the privileged process. */
export type CompleteClickhouseOptions = CompleteServerOptions<ClickhouseOptions, Connection>;

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/clickhouse/sender/worker.ts";

/** Parts of the output's definition. */
export const parts = serverParts<ClickhouseOptions, Connection>({
  resolve: resolveConnection,
  checkUrl: (url) => connectionOf(url, () => undefined),
  checkName: parseTableName,
  database: async (options) => new (await import("./database.ts")).ClickhouseDatabase(options),
});
