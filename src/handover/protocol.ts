/**
 * How two processes talk while one takes the place of the other.
 *
 *     new                                     old
 *     ── {"takeover": WORD} ───────────────>  its socket for counters
 *     <─────── connects to @nfscribe-takeover-WORD, and says {"ready": true}
 *     ── {"go": true} ─────────────────────>  from now on there is no way back
 *     <────────── the state, with the sockets, in messages of up to a hundred
 *
 * The socket for counters is Deno's, which gives nobody its descriptor: so the new
 * process listens on a second one, and each sees through the kernel who is at the
 * other end. That one has a name without a file (unix(7), "abstract"): whoever has
 * changed to another user since its start could not reach a file of root's. It is seen
 * in one network namespace only, as the groups are.
 *
 * @module
 */

import type { Peer } from "../../ffi/unix_socket.ts";
import { InputError } from "../errors.ts";

/** Root may do everything anyway. */
const ROOT = 0;
/** A word that nobody guesses. */
const WORD = /^[0-9a-f]{32}$/;

/** How many sockets go with a message: the kernel takes 253. */
export const SOCKETS_PER_MESSAGE = 100;
/** How long a message of either process may be, in bytes: a netns option may be long. */
export const MESSAGE_MAX = 1024 * 1024;

/** A word for a new request. */
export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Where the new process waits for the old one. */
export function takeoverAddress(word: string): string {
  return `@nfscribe-takeover-${word}`;
}

/** What asks for a takeover: a line on the socket for counters. */
export function takeoverRequest(word: string): Uint8Array<ArrayBuffer> {
  return encodeMessage({ takeover: word });
}

/**
 * The word in what a visitor of the socket for counters has said.
 *
 * @param bytes A line.
 * @returns It; undefined where that is no request for a takeover.
 */
export function takeoverNonce(bytes: Uint8Array): string | undefined {
  const word = decodeMessage(bytes)?.takeover;
  return typeof word === "string" && WORD.test(word) ? word : undefined;
}

/** A message as bytes. */
export function encodeMessage(message: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

/** A message's fields; undefined where it is none. */
export function decodeMessage(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof message === "object" && message !== null
      ? message as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process at the other end is root's, or of one of these users. */
export function isTrusted({ uid }: Peer, users: readonly number[]): boolean {
  return uid === ROOT || users.includes(uid);
}

/** The error of a takeover that fails. */
export function takeoverError(statsPath: string, why: string): InputError {
  return new InputError(statsPath, `Cannot take over from the process at ${statsPath}: ${why}`);
}
