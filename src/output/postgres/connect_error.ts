/** Explains failed connections and statements, and what to do about them. */

import type { Problem } from "../delivery/problem.ts";
import { reasonFor, serverProblem, withoutPasswords } from "../server/connect_error.ts";
import { type Connection, describeConnection, describeHost, POSTGRES } from "./connection.ts";
import { NoHostError } from "./no_host_error.ts";
import { serverReason } from "./server_reason.ts";

/**
 * Explains an error.
 *
 * @param doing The operation, such as `connect` or `write rows`.
 */
export function problemOf(error: unknown, connection: Connection, doing: string): Problem {
  const where = describeConnection(connection);
  if (!(error instanceof NoHostError)) {
    const server = { kind: POSTGRES, connection, where, serverReason };
    const problem = serverProblem(error, server, doing);
    const passwords = connection.others.flatMap(({ password }) => password ?? []);
    return { ...problem, message: withoutPasswords(problem.message, passwords) };
  }
  const reasons = error.failures.map(({ connection, error }) => ({
    host: describeHost(connection),
    ...reasonFor(error, { kind: POSTGRES, connection, serverReason }),
  }));
  const text = reasons.map(({ host, text }) => `${host}: ${text}`).join("; ");
  // One that is away may come back as the one to write to.
  const kind = reasons.some(({ kind }) => kind === "away") ? "away" : "denied";
  return {
    kind,
    message: `Cannot ${doing} ${doing.startsWith("read") ? "from" : "to"} ${where}: ${text}`,
    code: undefined,
  };
}
