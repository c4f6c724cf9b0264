/** Actions of rules: NFLOG does not tell what became of a packet, but a rule's prefix may. */

import { RunCache } from "../bytes/run_cache.ts";
import { encodeWildcards, matchesPattern } from "../text/pattern.ts";
import { ABSENT } from "./absent.ts";

/** Action of a rule on the packets that it logs. */
export type Action = "drop" | "reject" | "accept" | "log";

/** All actions; encoders count them by their place here. */
export const ACTIONS: readonly Action[] = ["drop", "reject", "accept", "log"];

/** Actions by patterns of prefixes, in which `*` stands for any text and `?` for one character. */
export type ActionPatterns = Readonly<Record<string, Action>>;

/** A pattern. */
interface Pattern {
  /** Its characters, encoded. */
  readonly encoded: Int16Array;
  /** Place in {@linkcode ACTIONS}. */
  readonly action: number;
}

/** A raw packet, as far as its rule's prefix goes. */
interface Prefixed {
  readonly bytes: Uint8Array;
  readonly prefixOffset: number;
  readonly prefixLength: number;
}

/**
 * Finds actions by prefixes. Of several patterns that match the one with the most characters
 * besides `*` and `?` counts, then the longer one: tables of TOML have no order.
 */
export class ActionTable {
  readonly #patterns: readonly Pattern[];
  readonly #actions: RunCache<number>;

  /** Creates a table. */
  constructor(patterns: ActionPatterns = {}) {
    this.#patterns = byPrecision(patterns).map(([pattern, action]) => ({
      encoded: encodeWildcards(pattern),
      action: ACTIONS.indexOf(action),
    }));
    this.#actions = new RunCache((prefix) => this.#lookUp(prefix));
  }

  /**
   * Returns the action of a packet's rule; nothing is allocated for a prefix that was seen before.
   *
   * @returns Its place in {@linkcode ACTIONS}; ABSENT if no pattern matches.
   */
  find({ bytes, prefixOffset, prefixLength }: Prefixed): number {
    if (this.#patterns.length === 0) return ABSENT;
    return this.#actions.get(bytes, prefixOffset, Math.max(prefixLength, 0));
  }

  #lookUp(prefix: Uint8Array): number {
    const found = this.#patterns.find(({ encoded }) =>
      matchesPattern(encoded, prefix, 0, prefix.length)
    );
    return found?.action ?? ABSENT;
  }
}

/** The table without patterns. */
export const NO_ACTIONS: ActionTable = new ActionTable();

/** Returns patterns and their actions in the order in which they are tried. */
export function byPrecision(patterns: ActionPatterns): [pattern: string, action: Action][] {
  return Object.entries(patterns).sort(([a], [b]) =>
    literals(b) - literals(a) || b.length - a.length || (a < b ? -1 : 1)
  );
}

/** Returns the number of characters that a pattern names. */
function literals(pattern: string): number {
  return pattern.replaceAll(/[*?]/g, "").length;
}
