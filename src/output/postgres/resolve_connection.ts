/** Resolves the connection to the database from a URL, the environment and a password file. */

import { type Resolved, resolved } from "../server/resolved.ts";
import { readPlain, readSecret } from "../server/secret_file.ts";
import { type Connection, needsOf } from "./connection.ts";
import { connectionOf } from "./connection_string.ts";

/**
 * Resolves a connection.
 *
 * @param url The URL; undefined to take it from the environment.
 * @throws {OutputError} If a value is invalid; the message contains no password.
 */
export function resolveConnection(url: string | undefined): Resolved<Connection> {
  return resolved(
    "postgres",
    url,
    ({ env, noted, notedSecret }) =>
      connectionOf(
        url,
        env,
        (path, kind) =>
          kind === "password" ? notedSecret(path, readSecret(path)) : noted(path, readPlain(path)),
      ),
    needsOf,
  );
}
