/** The kind of server that is wanted, as libpq's `target_session_attrs` has it. Pure. */

/** Values that suit a client that writes. */
export const TARGETS = ["any", "read-write", "primary"] as const;

/** One of {@linkcode TARGETS}. */
export type Target = typeof TARGETS[number];

/** Values of libpq for clients that only read. */
const READING: readonly string[] = ["read-only", "standby", "prefer-standby"];

/**
 * Parses a value.
 *
 * @param from Its source, for messages.
 * @param byDefault The value if there is none.
 */
export function targetOf(text: string | undefined, from: string, byDefault: Target): Target {
  const target = TARGETS.find((target) => target === (text ?? byDefault));
  if (target !== undefined) return target;
  const why = READING.includes(text!) ? ", since nfscribe writes" : "";
  throw new Error(`${from} is not one of ${TARGETS.join(", ")}${why}`);
}

/**
 * Returns why a server is not of the wanted kind; undefined if it is.
 *
 * @param settings Parameters that the server has reported (PostgreSQL documentation, "Asynchronous
 *   Operations"); servers and poolers that do not report one pass.
 */
export function unfit(target: Target, settings: ReadonlyMap<string, string>): string | undefined {
  if (target !== "any" && settings.get("in_hot_standby") === "on") {
    return "the server is a standby, which cannot be written to";
  }
  if (target === "read-write" && settings.get("default_transaction_read_only") === "on") {
    return "the server's transactions are read-only (default_transaction_read_only)";
  }
  return undefined;
}
