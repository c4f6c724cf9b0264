/** Resolves the connection to the database from a URL, the environment and a file. */

import { connectionNeeds } from "../server/connection.ts";
import { type Resolved, resolved } from "../server/resolved.ts";
import { readSecret } from "../server/secret_file.ts";
import { CLICKHOUSE, type Connection, connectionOf } from "./connection.ts";
import type { ClickhouseOptions } from "./options.ts";

/**
 * Resolves a connection.
 *
 * @param options Options with the URL and the password's file; without a URL it is the environment's.
 * @throws {OutputError} If a value is invalid; the message contains no password.
 */
export function resolveConnection(
  { url, secretFile }: Pick<ClickhouseOptions, "url" | "secretFile">,
): Resolved<Connection> {
  return resolved(
    "clickhouse",
    url,
    ({ env, notedSecret }) => {
      if (secretFile === undefined) return connectionOf(url, env);
      const secret = notedSecret(secretFile, readSecret(secretFile))?.trim();
      if (secret) return connectionOf(url, env, secret);
      throw new Error(
        `the password's file ${secretFile} cannot be read, or is empty; check secret_file`,
      );
    },
    (connection) => connectionNeeds(connection, CLICKHOUSE),
  );
}
