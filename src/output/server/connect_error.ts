/** Explains failed connections and statements, and what to do about them. */

import { messageOf, OutputError } from "../../errors.ts";
import type { Problem } from "../delivery/problem.ts";
import type { Failure, Reason } from "./connect_failure.ts";
import type { ServerConnection, ServerKind } from "./connection.ts";
import { systemReason } from "./system_reason.ts";

/** The longest part of a server's message that is shown, in characters. */
const MESSAGE_MOST = 1000;

/** Server that an error comes from. */
export interface FailedServer {
  kind: ServerKind;
  connection: ServerConnection;
  /** Its address in messages. */
  where: string;
  /** Explains an error of the server itself; returns undefined for any other. */
  serverReason(failure: Failure): Reason | undefined;
}

/**
 * Explains an error.
 *
 * @param doing The operation, such as `connect` or `write rows`.
 */
export function serverProblem(
  error: unknown,
  { kind: server, connection, where, serverReason }: FailedServer,
  doing: string,
): Problem {
  const code = codeOf(error);
  const message = messageOf(error);
  const said = shortened(withoutPassword(message, connection.password)) || noReason(code);
  // Its message is complete.
  if (error instanceof OutputError) return { kind: "denied", message: said, code };
  const failure = { error, code: code ?? "", said, connection };
  const { kind, text } = systemReason(failure, server) ?? serverReason(failure) ??
    { kind: "denied", text: said } satisfies Reason;
  return { kind, message: `Cannot ${doing} to ${where}: ${text}`, code };
}

/** Returns a text in the place of an empty message. */
function noReason(code: string | undefined): string {
  return `no reason is given${code ? ` (${code})` : ""}`;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Shortens a server's message, which may be of any length. */
function shortened(text: string): string {
  return text.length <= MESSAGE_MOST ? text : `${text.slice(0, MESSAGE_MOST)}…`;
}

/** Removes the password from messages of servers and systems that contain it. */
function withoutPassword(text: string, password: string | undefined): string {
  if (!password) return text;
  return text.replaceAll(password, "***").replaceAll(encodeURIComponent(password), "***");
}
