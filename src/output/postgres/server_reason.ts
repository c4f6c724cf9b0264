/**
 * Explains the server's own errors by SQLSTATE (PostgreSQL documentation, appendix "Error Codes").
 */

import type { Kind } from "../delivery/problem.ts";
import type { Failure, Reason } from "../server/connect_failure.ts";

/** Kind of a code, and a text if the server's message does not suffice. */
type Meaning = readonly [kind: Kind, text?: (failure: Failure) => string];

const SET_PASSWORD = "set it in the URL, PGPASSWORD or ~/.pgpass";
const NO_TABLE = "run nfscribe db init, or set create = true";

/** `protocol_violation` */
const VIOLATION = "08P01";
/** PgBouncer's errors after which only another attempt helps. */
const POOLER_AWAY =
  /server conn crashed|connect to server|login has been failing|timeout|shut ?down|no more connections/;

/** By code, or by class: its first two characters. Codes take precedence. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "08": ["away"],
  "22": ["row"],
  "23": ["row"],
  // A standby, possibly during a failover.
  "25006": ["away", ({ said }) => `${said}; is it a standby? name the primary`],
  "25P03": ["away"],
  "25P04": ["away"],
  "28000": ["denied", notLetIn],
  "28P01": [
    "denied",
    ({ connection: { user, password } }) =>
      password === undefined
        ? `the server wants a password of "${user}", and there is none; ${SET_PASSWORD}`
        : `the server refuses the password of "${user}"; ${SET_PASSWORD}`,
  ],
  "3D000": [
    "denied",
    ({ connection: { database } }) =>
      `there is no database "${database}"; create it, or name another`,
  ],
  "40": ["away"],
  "42501": [
    "denied",
    ({ said, connection: { user } }) =>
      `${said}; grant "${user}" that right, or name a role that has it`,
  ],
  "42P01": ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  "42703": ["denied", ({ said }) => `${said}; ${NO_TABLE}`],
  "44": ["row"],
  "53": ["away"],
  "53100": ["away", ({ said }) => `the server's disk is full: ${said}; make room there`],
  "53300": ["away", ({ said }) =>
    `the server has too many connections: ${said}; raise ` +
    `max_connections, or end some`],
  // A value too large for an index, or JSON too deep for the server's stack.
  "54": ["row"],
  "55006": ["away"],
  "55P03": ["away"],
  "57": ["away"],
  "57014": [
    "away",
    ({ said, connection: { user } }) =>
      `${said}; if that repeats, raise statement_timeout of "${user}" there`,
  ],
  "57P01": ["away", () => "the server ended the connection; it may be shutting down"],
  "57P03": ["away", ({ said }) => `the server takes no connections yet: ${said}`],
  "57P04": ["denied"],
  "58": ["away"],
  // A trigger that raises an exception.
  P0: ["row"],
  XX000: ["away"],
};

/**
 * Explains an error of the server; returns undefined for other errors, and for those whose message
 * suffices.
 */
export function serverReason(failure: Failure): Reason | undefined {
  const { code, said } = failure;
  if (code === VIOLATION) return ofPooler(said);
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const meaning = MEANINGS[code] ?? MEANINGS[code.slice(0, 2)];
  if (meaning === undefined) return undefined;
  const [kind, text = () => said] = meaning;
  return { kind, text: text(failure) };
}

/** Explains an error of PgBouncer, which has one code for nearly all of them. */
function ofPooler(said: string): Reason {
  if (said.includes("startup parameter")) {
    return {
      kind: "denied",
      text: `${said}; a pooler stands between: name it in its ignore_startup_parameters`,
    };
  }
  return { kind: POOLER_AWAY.test(said) ? "away" : "denied", text: said };
}

/**
 * Explains `invalid_authorization_specification` by the function in the server's source, which does
 * not depend on the language.
 */
function notLetIn({ error, said, connection: { user, sslMode } }: Failure): string {
  const routine = error instanceof Error && "routine" in error ? error.routine : undefined;
  if (routine === "InitializeSessionUserId") {
    return `${said}; create the role with CREATE ROLE … LOGIN, or name another`;
  }
  if (routine !== "ClientAuthentication") return `the server does not let "${user}" in: ${said}`;
  const advice = sslMode === "disable"
    ? "add a line to pg_hba.conf there, or set sslmode=require if it wants TLS"
    : sslMode === "allow" || sslMode === "prefer"
    ? "add a line to pg_hba.conf there"
    : "add a line to pg_hba.conf there, or set sslmode=disable if it wants none, or sslcert and sslkey if it wants a certificate";
  return `the server does not let "${user}" in: ${said}; ${advice}`;
}
