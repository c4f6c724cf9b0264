/** Actions of rules: NFLOG does not tell what became of a packet, but a rule's prefix may. */

import { ABSENT } from "./absent.ts";

/** Action of a rule on the packets that it logs. */
export type Action = "drop" | "reject" | "accept" | "log";

/** All actions; encoders count them by their place here. */
export const ACTIONS: readonly Action[] = ["drop", "reject", "accept", "log"];

/** Actions by patterns of prefixes, in which `*` stands for any text and `?` for one character. */
export type ActionPatterns = Readonly<Record<string, Action>>;

/** The most prefixes whose actions are cached; rules have fewer, files may hold any number. */
const CACHED_MAX = 256;
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array(0);

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

/** A prefix that was looked up. */
interface Known {
  readonly bytes: Uint8Array;
  readonly action: number;
}

/**
 * Finds actions by prefixes. Of several patterns that match the one with the most characters
 * besides `*` and `?` counts, then the longer one: tables of TOML have no order.
 */
export class ActionTable {
  readonly #patterns: readonly Pattern[];
  readonly #known = new Map<number, Known>();
  #last: Known = { bytes: NOTHING, action: ABSENT };

  /** Creates a table. */
  constructor(patterns: ActionPatterns = {}) {
    this.#patterns = Object.entries(patterns).sort(([a], [b]) =>
      literals(b) - literals(a) || b.length - a.length || (a < b ? -1 : 1)
    ).map(([pattern, action]) => ({
      characters: [...pattern],
      action: ACTIONS.indexOf(action),
    }));
    this.#last = { bytes: NOTHING, action: this.#lookUp("") };
  }

  /**
   * Returns the action of a packet's rule; nothing is allocated for a prefix that was seen before.
   *
   * @returns Its place in {@linkcode ACTIONS}; ABSENT if no pattern matches.
   */
  find({ bytes, prefixOffset, prefixLength }: Prefixed): number {
    if (this.#patterns.length === 0) return ABSENT;
    const length = Math.max(prefixLength, 0);
    if (!isSame(this.#last.bytes, bytes, prefixOffset, length)) {
      this.#last = this.#find(bytes, prefixOffset, length);
    }
    return this.#last.action;
  }

  #find(bytes: Uint8Array, offset: number, length: number): Known {
    const hash = hashOf(bytes, offset, length);
    const known = this.#known.get(hash);
    if (known !== undefined && isSame(known.bytes, bytes, offset, length)) return known;
    if (this.#known.size >= CACHED_MAX) this.#known.clear();
    const prefix = bytes.slice(offset, offset + length);
    const found = { bytes: prefix, action: this.#lookUp(UTF8.decode(prefix)) };
    this.#known.set(hash, found);
    return found;
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

function isSame(known: Uint8Array, bytes: Uint8Array, offset: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[offset + i]) return false;
  return true;
}

/** FNV-1a (draft-eastlake-fnv), in 30 bits: a number that V8 keeps without memory of its own. */
function hashOf(bytes: Uint8Array, offset: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[offset + i]!, 0x01000193);
  return hash >>> 2;
}
