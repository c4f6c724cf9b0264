/** Resolves the connection to the database from a URL, the environment and a password file. */

import { OutputError } from "../../errors.ts";
import { type Need, variable } from "../../permission.ts";
import { readText } from "../../files/regular_file.ts";
import { quotedPath } from "../../text/shell_quoted.ts";
import { type Connection, connectionNeeds, connectionOf } from "./connection.ts";

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
      const text = passfile(path);
      if (text !== undefined) needs.push({ name: "read", value: path, why: "its password" });
      return text;
    },
  );
  return { connection, needs: [...connectionNeeds(connection), ...needs] };
}

/** Reads a password file, if permitted. */
function passfile(path: string): string | undefined {
  let text;
  let mode;
  try {
    ({ text, mode } = readText(path));
  } catch {
    // libpq continues without it, too: the server reports the missing password.
    return undefined;
  }
  if ((mode & 0o077) === 0) return text;
  throw new Error(
    `the password file ${path} is open to others; close it with chmod 600 ${quotedPath(path)}`,
  );
}
