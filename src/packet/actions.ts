/** Actions of rules: NFLOG does not tell what became of a packet, but a rule's prefix may. */

import { RunCache } from "../bytes/run_cache.ts";
import { ABSENT } from "./absent.ts";

/** Action of a rule on the packets that it logs. */
export type Action = "drop" | "reject" | "accept" | "log";

/** All actions; encoders count them by their place here. */
export const ACTIONS: readonly Action[] = ["drop", "reject", "accept", "log"];

/** Actions by patterns of prefixes, in which `*` stands for any text and `?` for one character. */
export type ActionPatterns = Readonly<Record<string, Action>>;

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A pattern. */
interface Pattern {
  /** Its characters. */
  readonly characters: readonly string[];
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
    this.#patterns = Object.entries(patterns).sort(([a], [b]) =>
      literals(b) - literals(a) || b.length - a.length || (a < b ? -1 : 1)
    ).map(([pattern, action]) => ({
      characters: [...pattern],
      action: ACTIONS.indexOf(action),
    }));
    this.#actions = new RunCache((prefix) => this.#lookUp(UTF8.decode(prefix)));
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

  #lookUp(prefix: string): number {
    const text = [...prefix];
    return this.#patterns.find(({ characters }) => matches(characters, text))?.action ?? ABSENT;
  }
}

/** The table without patterns. */
export const NO_ACTIONS: ActionTable = new ActionTable();

/** Returns the number of characters that a pattern names. */
function literals(pattern: string): number {
  return pattern.replaceAll(/[*?]/g, "").length;
}

/** Returns whether a pattern matches a whole prefix; takes at most the product of both lengths. */
function matches(pattern: readonly string[], prefix: readonly string[]): boolean {
  let [at, star, retry] = [0, -1, 0];
  for (let next = 0; next < prefix.length;) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at++;
      retry = next;
    } else if (wanted === "?" || wanted === prefix[next]) {
      at++;
      next++;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      next = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
