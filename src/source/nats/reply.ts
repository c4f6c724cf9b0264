/** Subjects of acknowledgements, which tell of the delivery. Pure. */

/** A delivery. */
export interface Delivery {
  /** Sequence number in the stream. */
  sequence: number;
  /** Time at which the stream took the message, in milliseconds since the Unix epoch. */
  sentMs: number;
}

/** Tokens of a subject without, and those that stand in front of it with a domain and an account. */
const TOKENS = 9;
const ACCOUNT_TOKENS = 2;

/**
 * Parses the subject of an acknowledgement:
 * `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.DELIVERED.SEQUENCE.CONSUMER_SEQUENCE.TIME.PENDING`.
 *
 * @returns Undefined for any other subject.
 *
 * @example A delivery
 * ```ts
 * import { parseReply } from "./reply.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const subject = "$JS.ACK.NFSCRIBE.nfscribe.1.7.3.1700000000000000000.0";
 * assertEquals(parseReply(subject), { sequence: 7, sentMs: 1_700_000_000_000 });
 * ```
 */
export function parseReply(subject: string): Delivery | undefined {
  const tokens = subject.split(".");
  if (tokens.length < TOKENS || tokens[0] !== "$JS" || tokens[1] !== "ACK") return undefined;
  const offset = tokens.length === TOKENS ? 0 : ACCOUNT_TOKENS;
  const [sequence, nanoseconds] = [Number(tokens[offset + 5]), Number(tokens[offset + 7])];
  if (!Number.isSafeInteger(sequence) || !(nanoseconds >= 0)) return undefined;
  return { sequence, sentMs: Math.floor(nanoseconds / 1e6) };
}
