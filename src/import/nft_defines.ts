/** nft's own variables: `define NAME = VALUE` (nft(8), Symbolic variables). */

import { BoundError } from "./bounds.ts";
import type { Token } from "./nft_token.ts";

/** The longest value of a variable, in words, and in characters. */
const VALUE_MAX = 10_000;
const LENGTH_MAX = 0x1_0000;
const USE = /\$([A-Za-z_][\w/.]*)/g;

/** The most characters from expansions: a minimum, and per character of the text. */
const FILLED_LEAST = 100_000;
const FILLED_PER_CHARACTER = 8;

/** Variables of a text. */
export class NftDefines {
  readonly #values = new Map<string, { words: readonly string[]; length: number }>();
  #left: number;

  /**
   * Creates an empty set of variables.
   *
   * @param length Length of the text, in characters.
   */
  constructor(length: number) {
    this.#left = FILLED_LEAST + FILLED_PER_CHARACTER * length;
  }

  /** Adds a definition, given the tokens after `define`. */
  define(tokens: readonly Token[]): void {
    const [head, ...rest] = tokens;
    const [, name, equals, joined] = /^([\w/.-]+)(=?)([^]*)$/.exec(head?.text ?? "") ?? [];
    if (name === undefined) return;
    const first = joined === "" ? [] : [{ text: joined!, line: head!.line }];
    const from = equals === "" ? withoutEquals(rest) : rest;
    const value = this.filledIn([...first, ...from]).map(({ text }) => text);
    const length = value.reduce((sum, text) => sum + text.length, 0);
    // A rule that uses an undefined variable is reported.
    if (value.length > VALUE_MAX || length > LENGTH_MAX) this.#values.delete(name);
    else this.#values.set(name, { words: value, length });
  }

  /** Forgets a variable. */
  undefine(name: string): void {
    this.#values.delete(name);
  }

  /**
   * Expands variables, also in the string of a prefix; undefined ones stay.
   *
   * @throws {BoundError} If a text gets too long.
   */
  filledIn(tokens: readonly Token[]): Token[] {
    const filled: Token[] = [];
    for (const [at, token] of tokens.entries()) {
      const { text, line } = token;
      const isString = /^["']/.test(text) && tokens[at - 1]?.text === "prefix";
      const whole = /^\$([A-Za-z_][\w/.]*)(,?)$/.exec(text);
      const value = this.#valueOf(whole?.[1]);
      if (!text.includes("$") || (/^["']/.test(text) && !isString)) filled.push(token);
      else if (value !== undefined) {
        for (const each of value) filled.push({ text: each, line });
        if (whole![2] !== "") filled.push({ text: ",", line });
      } else filled.push({ text: this.#inside(text, isString), line });
    }
    return filled;
  }

  #valueOf(name: string | undefined): readonly string[] | undefined {
    const value = name === undefined ? undefined : this.#values.get(name);
    if (value === undefined) return undefined;
    this.#left -= value.length + value.words.length;
    if (this.#left < 0) {
      throw new BoundError(
        "with its variables filled in, this text is too long; nothing from here on is read: " +
          "give what nft list ruleset prints",
      );
    }
    return value.words;
  }

  #inside(text: string, isString: boolean): string {
    return text.replaceAll(USE, (whole, name) => {
      const value = this.#valueOf(name);
      if (value === undefined) return whole;
      const joined = value.join(" ");
      return isString ? joined.replaceAll(/["']/g, "") : joined;
    });
  }
}

function withoutEquals(tokens: readonly Token[]): readonly Token[] {
  const [first, ...rest] = tokens;
  if (first?.text === "=") return rest;
  return first?.text.startsWith("=") ? [{ ...first, text: first.text.slice(1) }, ...rest] : tokens;
}
