/** Resolves connections from a URL, the environment and files. */

import { OutputError } from "../../errors.ts";
import { type Need, variable } from "../../permission.ts";

/** A connection, and the permissions to resolve and open it. */
export interface Resolved<Connection> {
  /** Connection to the database. */
  connection: Connection;
  /** Required permissions. */
  needs: Need[];
}

/** Access to what a URL leaves out; what is found is noted as a permission. */
export interface Surroundings {
  /** Returns the value of an environment variable. */
  env(name: string): string | undefined;
  /** Returns the text of a file as it was read; undefined if it was not. */
  noted(path: string, text: string | undefined): string | undefined;
  /** Returns the same of a file with a password. */
  notedSecret(path: string, text: string | undefined): string | undefined;
}

/** Purpose of a permission. */
const PLACE = "where the database is";

/**
 * Resolves a connection.
 *
 * @param output The type of output, for the error.
 * @param url The URL; undefined to take it from the surroundings.
 * @param compose Composes the connection.
 * @param needsOf Returns the permissions to open it.
 * @throws {OutputError} If a value is invalid; the message contains no password.
 */
export function resolved<Connection>(
  output: string,
  url: string | undefined,
  compose: (surroundings: Surroundings) => Connection,
  needsOf: (connection: Connection) => Need[],
): Resolved<Connection> {
  const needs: Need[] = [];
  const surroundings: Surroundings = {
    env(name) {
      const value = variable(name);
      // Without a URL the environment decides; with one, variables that are set still matter.
      if (url === undefined || value !== undefined) {
        needs.push({ name: "env", value: name, why: PLACE });
      }
      return value;
    },
    noted(path, text) {
      if (text !== undefined) needs.push({ name: "read", value: path, why: PLACE });
      return text;
    },
    notedSecret(path, text) {
      if (text !== undefined) {
        needs.push({ name: "read", value: path, why: "its password", isSecret: true });
      }
      return text;
    },
  };
  try {
    const connection = compose(surroundings);
    return { connection, needs: [...needsOf(connection), ...needs] };
  } catch (error) {
    throw new OutputError(output, (error as Error).message, { cause: error });
  }
}
