/** The Postgres output without its writer, which is loaded only when it is opened. */

import { type CompleteServerOptions, serverParts } from "../server/prepare.ts";
import type { Connection } from "./connection.ts";
import { checkUrl } from "./connection_string.ts";
import type { PostgresOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { parseTable } from "./table.ts";

/** Options completed by the privileged process. */
export type CompletePostgresOptions = CompleteServerOptions<PostgresOptions, Connection>;

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/postgres/sender/worker.ts";

/** Parts of the output's definition. */
export const parts = serverParts<PostgresOptions, Connection>({
  resolve: ({ url }) => resolveConnection(url),
  checkUrl,
  checkName: parseTable,
  database: async (options) => new (await import("./database.ts")).PostgresDatabase(options),
});
