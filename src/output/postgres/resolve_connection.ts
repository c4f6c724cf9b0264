/**
 * Where the database is, as far as this process may know: a URL, the environment
 * and a password file.
 *
 * @module
 */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { readText } from "../../files/regular_file.ts";
import { type Connection, connectionNeeds, connectionOf } from "./connection.ts";

/** A connection, and the rights to know of it and to make it. */
export interface ResolvedConnection {
  /** Where the database is. */
  connection: Connection;
  /** What it takes. */
  needs: Need[];
}

/**
 * Looks for the database.
 *
 * @param url The URL; undefined where the environment tells it.
 * @throws {OutputError} If something cannot be used; the message holds no password.
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
      // Without a URL the environment is all there is; beside one, what is set there counts.
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

/** A variable of the environment, where it may be read. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** The text of a password file, where it may be read. */
function passfile(path: string): string | undefined {
  let text;
  let mode;
  try {
    ({ text, mode } = readText(path));
  } catch {
    // libpq goes on without it, too: the server says what is missing.
    return undefined;
  }
  if ((mode & 0o077) === 0) return text;
  throw new Error(`the password file ${path} is open to others; close it with chmod 600 ${path}`);
}
