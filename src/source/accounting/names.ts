/** Names of objects that a source reads. Pure. */

import { encodeWildcards, matchesPattern } from "../../text/pattern.ts";

/** Patterns of names, in which `*` stands for any text and `?` for one character. */
export class Names {
  readonly #patterns: readonly Int16Array[] | undefined;

  /** Takes patterns; without them every name is chosen. */
  constructor(patterns: readonly string[] | undefined) {
    this.#patterns = patterns?.map(encodeWildcards);
  }

  /** Returns whether a name is chosen. */
  has(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.#patterns === undefined) return true;
    for (const pattern of this.#patterns) {
      if (matchesPattern(pattern, bytes, offset, offset + length)) return true;
    }
    return false;
  }
}
