/**
 * Marks in identifiers of messages. A stream takes a message for a repeat of another one by its
 * identifier alone, also of another host's: so no other host may know an identifier in advance, and
 * session and position are no secret. Pure.
 */

import { createHmac } from "node:crypto";
import { type MessageHead, messageId } from "../../nats/format/message.ts";

/** Bytes of a secret. */
const SECRET_BYTES = 32;
/** Characters of a mark: 128 bits. */
const MARK_LENGTH = 22;

/** Returns a random secret in base64url. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Returns the mark of a message, the same for the same secret and place; it tells nothing of others. */
export function markOf(
  secret: string,
  place: Pick<MessageHead, "session" | "from" | "part">,
): string {
  const hash = createHmac("sha256", secret).update(messageId(place)).digest("base64url");
  return hash.slice(0, MARK_LENGTH);
}
