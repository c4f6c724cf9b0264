/**
 * Failures: what is known of them, and what is made of that.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/** Whether to try again, a person must act, or the server refuses the data. */
export type Kind = "away" | "denied" | "row";

/** What a failure means. */
export interface Reason {
  /** Who can do something about it. */
  kind: Kind;
  /** What is wrong and what to do. */
  text: string;
}

/** What went wrong, in parts. */
export interface Failure {
  /** The error. */
  error: unknown;
  /** Its code; empty where it has none. */
  code: string;
  /** Its message, without the password. */
  said: string;
  /** Where to. */
  connection: Connection;
}

/** What can go wrong before the server's own errors can arrive. */
export type ConnectCode =
  /** It took too long; Postgres.js has the same. */
  | "CONNECT_TIMEOUT"
  /** The other side went away; Postgres.js has the same. */
  | "CONNECTION_CLOSED"
  /** Whatever listens there is no PostgreSQL. */
  | "NO_POSTGRES"
  /** It sends what no PostgreSQL sends. */
  | "BAD_MESSAGE"
  /** TLS is asked for, and the server has none. */
  | "NO_TLS"
  /** TLS was begun and failed; the cause says why. */
  | "TLS_FAILED"
  /** A file of certificates cannot be used. */
  | "CERTIFICATE_FILE";

/** A connection that failed before the server could speak for itself. */
export class ConnectError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "ConnectError";
  /** What went wrong. */
  readonly code: ConnectCode;

  /** Makes the error. */
  constructor(code: ConnectCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
