/** Types of failures and their explanations. */

import type { Kind } from "../delivery/problem.ts";
import type { ServerConnection } from "./connection.ts";

/** Explanation of a failure. */
export interface Reason {
  /** Consequence of the failure. */
  kind: Kind;
  /** The error and advice. */
  text: string;
}

/** Parts of a failure. */
export interface Failure<Connection extends ServerConnection = ServerConnection> {
  error: unknown;
  /** Its code; empty if it has none. */
  code: string;
  /** Its message, without the password. */
  said: string;
  connection: Connection;
}

/** Failures before the server can send errors of its own. */
export type ConnectCode =
  /** A timeout; Postgres.js has the same code. */
  | "CONNECT_TIMEOUT"
  /** The peer closed the connection; Postgres.js has the same code. */
  | "CONNECTION_CLOSED"
  /** The server is another one than was expected. */
  | "OTHER_SERVER"
  /** The server sent a message that its protocol does not have. */
  | "BAD_MESSAGE"
  /** The server asks for the password over a connection that others may read. */
  | "PASSWORD_ASKED"
  /** TLS is required, and the server does not support it. */
  | "NO_TLS"
  /** The TLS handshake failed; the cause says why. */
  | "TLS_FAILED"
  /** A file of certificates is unusable. */
  | "CERTIFICATE_FILE"
  /** Channel binding is required, and not possible. */
  | "NO_BINDING"
  /** The server cannot be written to, as a standby; the message says so. */
  | "OTHER_SESSION";

/** Error of a connection that failed before the server could send errors of its own. */
export class ConnectError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "ConnectError";
  /** Kind of failure. */
  readonly code: ConnectCode;

  constructor(code: ConnectCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
