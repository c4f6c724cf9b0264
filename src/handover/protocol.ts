/**
 * Protocol of a takeover between two processes:
 *
 *     new                                     old
 *     ── {"takeover": NONCE} ──────────────>  its socket for counters
 *     <─────── connects to @nfscribe-takeover-NONCE and sends {"ready": true}
 *     ── {"go": true, "confirms": true} ───>  stops reading, writes what it has received
 *     <────────── state with the sockets, in messages of up to a hundred, and {"done": true}
 *     ── {"reads": true} ──────────────────>  all is open in the new process
 *     <────────── {"left": true}; or {"kept": true}: it has waited too long, and reads again
 *
 * Whatever ends the new process before it has confirmed, the old one reads again from the same
 * sockets. A new process of before this step does not send `confirms`, and is not waited for.
 *
 * Deno does not expose the descriptor of the socket for counters. Therefore the new process listens
 * on a second socket, on which each process checks the peer's credentials. It has an abstract
 * address (unix(7)), because a process that changed its user cannot reach a socket file of root. It
 * is visible in one network namespace only, as the groups are.
 */

import type { Peer } from "../../ffi/unix_socket.ts";
import { InputError } from "../errors.ts";

/** Root is always trusted. */
const ROOT = 0;
/** Format of a nonce. */
const NONCE = /^[0-9a-f]{32}$/;

/** Sockets in a message; the kernel's limit is 253. */
export const SOCKETS_PER_MESSAGE = 100;
/** Limit of a message, in bytes: a netns option may be long. */
export const MESSAGE_MAX = 1024 * 1024;

/** Returns the nonce of a new request. */
export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns the address on which the new process waits for the old one. */
export function takeoverAddress(nonce: string): string {
  return `@nfscribe-takeover-${nonce}`;
}

/** Encodes a request for a takeover: a line on the socket for counters. */
export function takeoverRequest(nonce: string): Uint8Array<ArrayBuffer> {
  return encodeMessage({ takeover: nonce });
}

/**
 * Parses a client's line on the socket for counters.
 *
 * @param bytes Line.
 * @returns Nonce of a takeover; undefined if it is no such request.
 */
export function takeoverNonce(bytes: Uint8Array): string | undefined {
  const nonce = decodeMessage(bytes)?.takeover;
  return typeof nonce === "string" && NONCE.test(nonce) ? nonce : undefined;
}

/** Encodes a message. */
export function encodeMessage(message: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

/** Decodes a message; undefined if it is invalid. */
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

/** Returns whether a peer runs as root or as one of these users. */
export function isTrusted({ uid }: Peer, users: readonly number[]): boolean {
  return uid === ROOT || users.includes(uid);
}

/** Creates the error of a failed takeover. */
export function takeoverError(statsPath: string, why: string): InputError {
  return new InputError(statsPath, `Cannot take over from the process at ${statsPath}: ${why}`);
}
