/** Resolves the connection to the database from a URL, the environment and a password file. */

import { OutputError } from "../../errors.ts";
import { type Need, variable } from "../../permission.ts";
import { readPlain, readSecret } from "../server/secret_file.ts";
import { type Connection, needsOf } from "./connection.ts";
import { connectionOf } from "./connection_string.ts";

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
    (path, kind) => {
      const isSecret = kind === "password";
      const text = isSecret ? readSecret(path) : readPlain(path);
      const why = isSecret ? "its password" : "where the database is";
      if (text !== undefined) needs.push({ name: "read", value: path, why });
      return text;
    },
  );
  return { connection, needs: [...needsOf(connection), ...needs] };
}
