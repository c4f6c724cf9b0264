/** Prepares the options of a ClickHouse output; the writer itself is loaded only when it is opened. */

import { type CompleteServerOptions, serverPreparation } from "../server/prepare.ts";
import { parseTableName } from "../table/name.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { ClickhouseOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Options completed by the privileged process. */
export type CompleteClickhouseOptions = CompleteServerOptions<ClickhouseOptions, Connection>;

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/clickhouse/sender/worker.ts";

/** The part of the output's definition that prepares its options. */
export const preparation = serverPreparation<ClickhouseOptions, Connection>({
  resolve: resolveConnection,
  checkUrl: (url) => connectionOf(url, () => undefined),
  checkName: parseTableName,
});
