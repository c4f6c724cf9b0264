/** Ways to log in (MySQL documentation, "Authentication Plugins") that do not give away the password. */

import { authPlugins } from "mysql2";

/** Answers what the server asks for, step by step; undefined to send nothing. */
type Answer = (asked: Uint8Array) => unknown;
/** A way to log in, over one connection. */
type Login = (context: unknown) => Answer;

/** `perform_full_authentication` of `caching_sha2_password`: the server asks for the password itself. */
const FULL = 4;

/**
 * Returns the ways to log in that are other than mysql2's.
 *
 * @param isPrivate Whether the connection cannot be read by others: over TLS, and to a Unix socket.
 * @param refuse Called if the server asks for the password over another connection. mysql2 would
 *   encrypt it for whatever key is sent, that of anybody who answers in the server's place.
 */
export function logins(isPrivate: boolean, refuse: () => void): Record<string, Login> {
  return {
    ...!isPrivate && { caching_sha2_password: (context) => sha2(context, refuse) },
    // These always send the password itself.
    sha256_password: () => unknown("sha256_password"),
    mysql_clear_password: () => unknown("mysql_clear_password"),
  };
}

function sha2(context: unknown, refuse: () => void): Answer {
  const answer = (authPlugins.caching_sha2_password({}) as unknown as Login)(context);
  return (asked) => asked.length === 1 && asked[0] === FULL ? refuse() : answer(asked);
}

function unknown(name: string): Answer {
  return () => {
    throw new Error(`by ${name}`);
  };
}
