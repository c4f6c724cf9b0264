/** Explains failures of sending to a receiver. */

import { messageOf, NetlinkError, OutputError } from "../../errors.ts";
import { describeReceiver, type Receiver } from "./url.ts";

/** Error of a receiver that does not take records now. */
export class BusyError extends OutputError {
  /** Shortest time until the next attempt that the receiver asked for, in milliseconds. */
  readonly retryAfterMs: number;

  /**
   * Creates an error.
   *
   * @param place The receiver.
   * @param message Text with what was tried and what is wrong.
   * @param retryAfterMs Shortest time until the next attempt.
   */
  constructor(place: string, message: string, retryAfterMs: number) {
    super(place, message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Error of records that the receiver refuses for good: sending them again is useless. */
export class RefusedError extends OutputError {
  /** The refused records. */
  readonly records: readonly string[];

  /**
   * Creates an error.
   *
   * @param place The receiver.
   * @param message Text with what was tried and what is wrong.
   * @param records The refused records.
   */
  constructor(place: string, message: string, records: readonly string[]) {
    super(place, message);
    this.records = records;
  }
}

/**
 * Returns the error of a failed attempt.
 *
 * @param receiver The receiver.
 * @param doing The operation, such as `send`.
 * @param cause The cause.
 */
export function remoteFailure(receiver: Receiver, doing: string, cause: unknown): OutputError {
  if (cause instanceof OutputError) return cause;
  const where = describeReceiver(receiver);
  return new OutputError(where, `Cannot ${doing} to ${where}: ${reason(cause)}`, { cause });
}

/** Returns what is wrong, as text that fits behind a colon. */
function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without that right; restart nfscribe";
  }
  // The C library sends datagrams, and Deno the rest.
  const code = error instanceof NetlinkError ? error.code : undefined;
  if (error instanceof Deno.errors.ConnectionRefused || code === "ECONNREFUSED") {
    return "nothing listens there";
  }
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") {
    return "there is no such socket; does the receiver run?";
  }
  if (error instanceof Deno.errors.PermissionDenied || code === "EACCES") {
    return "the system denies it to this user";
  }
  if (
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.BadResource
  ) return "the receiver closed the connection";
  const message = messageOf(error);
  // Names the certificate's problem behind words about the library.
  const certificate = /(?:invalid peer certificate: )(.*)/.exec(message)?.[1];
  return certificate === undefined
    ? message
    : `its certificate is not trusted (${certificate}); see ca_file`;
}

/**
 * Waits for a promise for a limited time.
 *
 * @param promise The promise.
 * @param timeoutMs Longest duration; Infinity for no limit.
 * @param problem Text behind the receiver's name if the time is over, such as `does not answer`.
 * @throws {Error} If the time is over.
 */
export async function within<Result>(
  promise: Promise<Result>,
  timeoutMs: number,
  problem: string,
): Promise<Result> {
  if (timeoutMs === Infinity) return await promise;
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`it ${problem}, for ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
