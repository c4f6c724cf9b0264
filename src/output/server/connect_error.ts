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
export function serverProblem(error: unknown, server: FailedServer, doing: string): Problem {
  const code = codeOf(error);
  // Its message is complete.
  if (error instanceof OutputError) {
    return { kind: "denied", message: saidBy(error, server.connection), code };
  }
  const { kind, text } = reasonFor(error, server);
  return {
    kind,
    message: `Cannot ${doing} ${doing.startsWith("read") ? "from" : "to"} ${server.where}: ${text}`,
    code,
  };
}

/** Explains an error, without the operation and the address. */
export function reasonFor(
  error: unknown,
  { kind: server, connection, serverReason }: Omit<FailedServer, "where">,
): Reason {
  const said = saidBy(error, connection);
  const failure = { error, code: codeOf(error) ?? "", said, connection };
  return systemReason(failure, server) ?? serverReason(failure) ?? { kind: "denied", text: said };
}

function saidBy(error: unknown, { password }: ServerConnection): string {
  return shortened(withoutPasswords(messageOf(error), [password ?? ""])) || noReason(codeOf(error));
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

/** Removes passwords from messages of servers and systems that contain them. */
export function withoutPasswords(text: string, passwords: readonly string[]): string {
  return passwords.filter((password) => password !== "").reduce(
    (text, password) =>
      text.replaceAll(password, "***").replaceAll(encodeURIComponent(password), "***"),
    text,
  );
}
