/** Explains failed connections and statements, and what to do about them. */

import type { Problem } from "../delivery/problem.ts";
import { serverProblem } from "../server/connect_error.ts";
import { type Connection, describeConnection, POSTGRES } from "./connection.ts";
import { serverReason } from "./server_reason.ts";

/**
 * Explains an error.
 *
 * @param doing The operation, such as `connect` or `write rows`.
 */
export function problemOf(error: unknown, connection: Connection, doing: string): Problem {
  const where = describeConnection(connection);
  return serverProblem(error, { kind: POSTGRES, connection, where, serverReason }, doing);
}
