/** Explains failed requests and statements of ClickHouse. */

import type { Kind, Problem } from "../delivery/problem.ts";
import { serverProblem } from "../server/connect_error.ts";
import type { Failure, Reason } from "../server/connect_failure.ts";
import { CLICKHOUSE, type Connection, describeConnection } from "./connection.ts";
import { NO_HTTPS, NOT_CLICKHOUSE, PROXY, ServerError } from "./server_error.ts";

/** Kind of a code, and a text if the server's message does not suffice. */
type Meaning = readonly [kind: Kind, text?: (failure: Failure) => string];

const SET_PASSWORD = "set it in the file that secret_file names, or in CLICKHOUSE_PASSWORD";
const NO_TABLE = "run nfscribe db init, or set create = true";
const SEE_RIGHTS = 'see "Rights" in docs/clickhouse.md';

/** By code (ClickHouse's ErrorCodes.cpp). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  [NOT_CLICKHOUSE]: [
    "denied",
    ({ said }) => `the server there is not ClickHouse: ${said}; check host and port`,
  ],
  [PROXY]: ["away", ({ said }) => `the server behind a proxy does not answer: ${said}`],
  [NO_HTTPS]: [
    "denied",
    () => "the server has no TLS on this port; name that of https_port, or write http://",
  ],
  // UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED
  192: ["denied", notLetIn],
  193: ["denied", notLetIn],
  194: ["denied", notLetIn],
  516: ["denied", notLetIn],
  // IP_ADDRESS_NOT_ALLOWED
  195: ["denied", ({ said }) => `${said}; let the user log in from this host`],
  // UNKNOWN_DATABASE
  81: ["denied", noDatabase],
  // DATABASE_ACCESS_DENIED, ACCESS_DENIED
  291: [
    "denied",
    ({ connection: { user, database } }) =>
      `"${user}" may not use the database "${database}"; grant rights to it, or name another`,
  ],
  497: ["denied", ({ said }) => `${said}; ${SEE_RIGHTS}`],
  // READONLY
  164: [
    "denied",
    ({ said, connection: { user } }) =>
      `"${user}" is read-only there: ${said}; name a user whose profile has readonly = 0`,
  ],
  // UNKNOWN_TABLE, NO_SUCH_COLUMN_IN_TABLE, UNKNOWN_IDENTIFIER
  60: ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  16: ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  47: ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  // SETTING_CONSTRAINT_VIOLATION
  452: ["denied", ({ said }) => `${said}; allow that setting in the user's profile`],
  // TOO_MANY_PARTS
  252: [
    "away",
    ({ said }) =>
      `the server cannot merge as fast as rows come: ${said}; raise flush_ms, or wait for its merges`,
  ],
  // MEMORY_LIMIT_EXCEEDED
  241: ["away", ({ said }) => `${said}; raise max_memory_usage there, or lower flush_rows`],
  // NOT_ENOUGH_SPACE, CANNOT_RESERVE_SPACE
  243: ["away", diskFull],
  // TABLE_IS_READ_ONLY
  242: ["away", ({ said }) => `${said}; does the server reach its Keeper or ZooKeeper?`],
  // TOO_MANY_SIMULTANEOUS_QUERIES, TIMEOUT_EXCEEDED, SOCKET_TIMEOUT, NETWORK_ERROR, ABORTED
  202: ["away"],
  159: ["away"],
  209: ["away"],
  210: ["away"],
  236: ["away"],
  // QUOTA_EXPIRED, TOO_LESS_LIVE_REPLICAS, UNKNOWN_STATUS_OF_INSERT, QUERY_WAS_CANCELLED
  201: ["away"],
  285: ["away"],
  319: ["away"],
  394: ["away"],
  // KEEPER_EXCEPTION, ALL_CONNECTION_TRIES_FAILED, QUERY_IS_PROHIBITED
  999: ["away"],
  279: ["away"],
  392: ["away"],
  // VIOLATED_CONSTRAINT, FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
  469: ["row"],
  395: ["row"],
};

/**
 * Explains an error.
 *
 * @param doing The operation, such as `connect` or `write rows`.
 */
export function problemOf(error: unknown, connection: Connection, doing: string): Problem {
  const where = describeConnection(connection);
  return serverProblem(error, { kind: CLICKHOUSE, connection, where, serverReason }, doing);
}

function serverReason(failure: Failure): Reason | undefined {
  const { error, code, said } = failure;
  // The disk's errors have no code of their own.
  if (error instanceof ServerError && /No space left on device/.test(said)) {
    return { kind: "away", text: diskFull(failure) };
  }
  const [kind, text] = MEANINGS[code] ?? ["denied"];
  return { kind, text: text?.(failure) ?? said };
}

function notLetIn({ connection: { user, password } }: Failure): string {
  return password === undefined
    ? `the server does not let "${user}" in without a password, or knows no such user; ${SET_PASSWORD}`
    : `the server does not let "${user}" in with this password, or knows no such user; ${SET_PASSWORD}`;
}

function noDatabase({ connection: { database } }: Failure): string {
  return `there is no database "${database}"; create it, or name another`;
}

function diskFull({ said }: Failure): string {
  return `the server's disk is full: ${said}; make room there`;
}
