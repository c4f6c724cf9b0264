/** Prepares the options of a Postgres output; the writer itself is loaded only when it is opened. */

import { type CompleteServerOptions, serverPreparation } from "../server/prepare.ts";
import type { Connection } from "./connection.ts";
import { checkUrl } from "./connection_string.ts";
import type { PostgresOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { parseTable } from "./table.ts";

/** Options completed by the privileged process. */
export type CompletePostgresOptions = CompleteServerOptions<PostgresOptions, Connection>;

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/postgres/sender/worker.ts";

/** The part of the output's definition that prepares its options. */
export const preparation = serverPreparation<PostgresOptions, Connection>({
  resolve: ({ url }) => resolveConnection(url),
  checkUrl,
  checkName: parseTable,
});
