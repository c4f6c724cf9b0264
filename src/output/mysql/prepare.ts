/** The MySQL output without its writer, which is loaded only when it is opened. */

import { type CompleteServerOptions, serverParts } from "../server/prepare.ts";
import { parseTableName } from "../table/name.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { MysqlOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Options completed by the privileged process. */
export type CompleteMysqlOptions = CompleteServerOptions<MysqlOptions, Connection>;

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/mysql/sender/worker.ts";

/** Parts of the output's definition. */
export const parts = serverParts<MysqlOptions, Connection>({
  resolve: ({ url }) => resolveConnection(url),
  checkUrl: (url) => connectionOf(url, () => undefined),
  checkName: parseTableName,
  database: async (options) => new (await import("./database.ts")).MysqlDatabase(options),
});
