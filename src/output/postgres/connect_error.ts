/**
 * What a failed connection or statement means, and what to do about it.
 *
 * @module
 */

import { OutputError } from "../../errors.ts";
import { type Connection, describeConnection } from "./connection.ts";
import type { Kind, Reason } from "./connect_failure.ts";
import { serverReason } from "./server_reason.ts";
import { systemReason } from "./system_reason.ts";

/** Characters that are told of what a server says, at the most. */
const SAID_MOST = 1000;

/** A reason, and what was tried. */
export interface Problem {
  /**
   * `away`: try again; `denied`: a person must act; `row`: the server refuses the data.
   */
  kind: Kind;
  /** What was tried, what is wrong and what to do. */
  message: string;
  /** The SQLSTATE, or the code of the system's error. */
  code: string | undefined;
}

/**
 * Tells what an error means.
 *
 * @param error What was thrown.
 * @param connection Where to.
 * @param doing What was tried, as in `connect` or `write rows`.
 */
export function problemOf(error: unknown, connection: Connection, doing: string): Problem {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const said = shortened(withoutPassword(message, connection.password));
  // Its message is whole.
  if (error instanceof OutputError) return { kind: "denied", message: said, code };
  const failure = { error, code: code ?? "", said, connection };
  const { kind, text } = systemReason(failure) ?? serverReason(failure) ??
    { kind: "denied", text: said } satisfies Reason;
  return { kind, message: `Cannot ${doing} to ${describeConnection(connection)}: ${text}`, code };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What a server says may be as long as it likes. */
function shortened(text: string): string {
  return text.length <= SAID_MOST ? text : `${text.slice(0, SAID_MOST)}…`;
}

/** What servers and systems say, where it happens to hold the password. */
function withoutPassword(text: string, password: string | undefined): string {
  if (!password) return text;
  return text.replaceAll(password, "***").replaceAll(encodeURIComponent(password), "***");
}
