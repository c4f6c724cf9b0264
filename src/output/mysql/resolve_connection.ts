/** Resolves the connection to the database from a URL, the environment and an option file. */

import { OutputError } from "../../errors.ts";
import { type Need, variable } from "../../permission.ts";
import { connectionNeeds } from "../server/connection.ts";
import { readSecret } from "../server/secret_file.ts";
import { type Connection, connectionOf, MYSQL } from "./connection.ts";

/**
 * Resolves a connection.
 *
 * @param url The URL; undefined to take it from the environment or an option file.
 * @returns It, and the permissions to resolve and open it.
 * @throws {OutputError} If a value is invalid; the message contains no password.
 */
export function resolveConnection(
  url: string | undefined,
): { connection: Connection; needs: Need[] } {
  const needs: Need[] = [];
  const why = "where the database is";
  try {
    const connection = connectionOf(
      url,
      (name) => {
        const value = variable(name);
        // Without a URL the environment decides; with one, variables that are set still matter.
        if (url === undefined || value !== undefined) needs.push({ name: "env", value: name, why });
        return value;
      },
      (path) => {
        const text = readSecret(path);
        if (text !== undefined) needs.push({ name: "read", value: path, why });
        return text;
      },
    );
    return { connection, needs: [...connectionNeeds(connection, MYSQL), ...needs] };
  } catch (error) {
    throw new OutputError("mysql", (error as Error).message, { cause: error });
  }
}
