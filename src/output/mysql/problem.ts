/** Explains failed connections and statements of MySQL and MariaDB. */

import type { Kind, Problem } from "../delivery/problem.ts";
import { serverProblem } from "../server/connect_error.ts";
import type { Failure, Reason } from "../server/connect_failure.ts";
import { type Connection, describeConnection, MYSQL } from "./connection.ts";

/** Code of rows that the server has changed or left out: they are tried one by one. */
export const WARNINGS = "NFSCRIBE_WARNINGS";

/** Kind of a code, and a text if the server's message does not suffice. */
type Meaning = readonly [kind: Kind, text?: (failure: Failure) => string];

const SET_PASSWORD = "set it in the URL, MYSQL_PWD or ~/.my.cnf";
const NO_TABLE = "run nfscribe db init, or set create = true";

/** By code (MySQL's error reference). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  [WARNINGS]: ["row"],
  PROTOCOL_CONNECTION_LOST: ["away", () => "the server closed the connection; its log may say why"],
  ER_CON_COUNT_ERROR: [
    "away",
    ({ said }) =>
      `the server has too many connections: ${said}; raise max_connections, or end some`,
  ],
  ER_USER_LIMIT_REACHED: ["away"],
  ER_TOO_MANY_USER_CONNECTIONS: ["away"],
  ER_SERVER_SHUTDOWN: ["away"],
  ER_QUERY_INTERRUPTED: ["away"],
  ER_CONNECTION_KILLED: ["away"],
  ER_LOCK_WAIT_TIMEOUT: [
    "away",
    () => "another session holds a lock on the table; which one has left a transaction open?",
  ],
  ER_LOCK_DEADLOCK: ["away"],
  ER_CHECKREAD: ["away"],
  ER_OPTION_PREVENTS_STATEMENT: [
    "away",
    ({ said }) => `${said}; is it a replica, or read-only? name the primary`,
  ],
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: ["away"],
  ER_READ_ONLY_MODE: ["away"],
  ER_DISK_FULL: ["away", ({ said }) => `the server's disk is full: ${said}; make room there`],
  ER_RECORD_FILE_FULL: [
    "away",
    ({ said }) => `the server's disk is full: ${said}; make room there`,
  ],
  ER_UNKNOWN_COM_ERROR: ["away"],
  ER_ACCESS_DENIED_ERROR: ["denied", notLetIn],
  ER_DBACCESS_DENIED_ERROR: [
    "denied",
    ({ connection: { user, database } }) =>
      `"${user}" may not use the database "${database}", or there is none of that name; ` +
      "create it, grant rights to it, or name another",
  ],
  ER_BAD_DB_ERROR: [
    "denied",
    ({ connection: { database } }) =>
      `there is no database "${database}"; create it, or name another`,
  ],
  ER_HOST_NOT_PRIVILEGED: [
    "denied",
    ({ said }) => `${said}; let the user log in from this host`,
  ],
  ER_HOST_IS_BLOCKED: ["denied", ({ said }) => `${said}; run mariadb-admin flush-hosts there`],
  ER_TABLEACCESS_DENIED_ERROR: [
    "denied",
    ({ said, connection: { user } }) =>
      `${said}; grant "${user}" that right, see "Rights" in docs/mysql.md`,
  ],
  ER_NO_SUCH_TABLE: ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  ER_BAD_FIELD_ERROR: ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  ER_SECURE_TRANSPORT_REQUIRED: [
    "denied",
    () => "the server takes encrypted connections only; set sslmode=require",
  ],
  AUTH_SWITCH_PLUGIN_ERROR: [
    "denied",
    ({ said, connection: { user } }) =>
      `the server wants "${user}" to log in in a way that nfscribe does not know: ${said}; ` +
      "use mysql_native_password or caching_sha2_password",
  ],
  HANDSHAKE_UNKNOWN_ERROR: ["denied", () => "the server there is not MySQL; check host and port"],
  // A constraint of MySQL, an error of a trigger, a packet that is too long.
  ER_CHECK_CONSTRAINT_VIOLATED: ["row"],
  ER_SIGNAL_EXCEPTION: ["row"],
  ER_NET_PACKET_TOO_LARGE: ["row"],
};

/**
 * Explains an error.
 *
 * @param doing The operation, such as `connect` or `write rows`.
 */
export function problemOf(error: unknown, connection: Connection, doing: string): Problem {
  const where = describeConnection(connection);
  return serverProblem(error, { kind: MYSQL, connection, where, serverReason }, doing);
}

function serverReason(failure: Failure): Reason | undefined {
  const { error, code, said } = failure;
  const state = error instanceof Error && "sqlState" in error ? String(error.sqlState) : "";
  // Data that does not fit, violated constraints, and what triggers signal.
  const byClass: Meaning | undefined = /^(22|23|45)/.test(state) ? ["row"] : undefined;
  const [kind, text] = MEANINGS[code] ?? byClass ?? ["denied"];
  return { kind, text: text?.(failure) ?? said };
}

function notLetIn({ connection: { user, password } }: Failure): string {
  return password === undefined
    ? `the server does not let "${user}" in without a password; ${SET_PASSWORD}`
    : `the server does not let "${user}" in with this password; ${SET_PASSWORD}`;
}
