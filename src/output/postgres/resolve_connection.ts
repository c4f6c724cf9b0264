/** Resolves the connection to the database from a URL, the environment and a password file. */

import { OutputError } from "../../errors.ts";
import { type Need, variable } from "../../permission.ts";
import { readSecret } from "../server/secret_file.ts";
import { connectionNeeds } from "../server/connection.ts";
import { type Connection, connectionOf, POSTGRES } from "./connection.ts";

/** A connection, and the permissions to resolve and open it. */
export interface ResolvedConnection {
  /** Connection to the database. */
  connection: Connection;
  /** Required permissions. */
  needs: Need[];
}

/**
 * Resolves a connection.
 *
 * @param url The URL; undefined to take it from the environment.
 * @throws {OutputError} If a value is invalid; the message contains no password.
 */
export function resolveConnection(url: string | undefined): ResolvedConnection {
  try {
    return lookFor(url);
  } catch (error) {
    throw new OutputError("postgres", (error as Error).message, { cause: error });
  }
}

function lookFor(url: string | undefined): ResolvedConnection {
  const needs: Need[] = [];
  const connection = connectionOf(
    url,
    (name) => {
      const value = variable(name);
      // Without a URL the environment decides; with one, variables that are set still matter.
      if (url === undefined || value !== undefined) {
        needs.push({ name: "env", value: name, why: "where the database is" });
      }
      return value;
    },
    (path) => {
      const text = readSecret(path);
      if (text !== undefined) needs.push({ name: "read", value: path, why: "its password" });
      return text;
    },
  );
  return { connection, needs: [...connectionNeeds(connection, POSTGRES), ...needs] };
}
