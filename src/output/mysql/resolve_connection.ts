/** Resolves the connection to the database from a URL, the environment and an option file. */

import { connectionNeeds } from "../server/connection.ts";
import { type Resolved, resolved } from "../server/resolved.ts";
import { readSecret } from "../server/secret_file.ts";
import { type Connection, connectionOf, MYSQL } from "./connection.ts";

/**
 * Resolves a connection.
 *
 * @param url The URL; undefined to take it from the environment or an option file.
 * @throws {OutputError} If a value is invalid; the message contains no password.
 */
export function resolveConnection(url: string | undefined): Resolved<Connection> {
  return resolved(
    "mysql",
    url,
    ({ env, notedSecret }) => connectionOf(url, env, (path) => notedSecret(path, readSecret(path))),
    (connection) => connectionNeeds(connection, MYSQL),
  );
}
