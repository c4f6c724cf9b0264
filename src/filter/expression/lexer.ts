/** Splits an expression into tokens as the scanner of pcap-filter(7) does. */

import { parseAddress } from "../parse_address.ts";
import { quoted } from "./error.ts";
import { numberValue } from "./number.ts";
import type { Span } from "./syntax.ts";

/** Kinds of tokens; symbols have their own text as kind. */
export type TokenKind =
  | "word"
  | "number"
  | "ipv4"
  | "ipv6"
  | "mac"
  | "text"
  | "symbol"
  | "wrong"
  | "end";

/** Token. */
export interface Token extends Span {
  readonly kind: TokenKind;
  /** Characters of the token; of a text those between the quotes, or after the backslash. */
  readonly text: string;
  /** Value of a number. */
  readonly value: number;
  /**
   * Reason why nothing begins with these characters. It matters only if the token is used: as part
   * of a name they are right.
   */
  readonly reason?: string;
}

const BLANK = /[ \t\r\n]*/y;
const SYMBOL = /&&|\|\||>=|<=|!=|==|<<|>>|[-+*/%:[\]!<>()&|^=]/y;
/** Longest run of characters of an address with colons. */
const COLONS = /[\da-fA-F]*(?::[\da-fA-F.]*)+/y;
const MAC =
  /[\da-f]{1,2}(?:(?::[\da-f]{1,2}){5}|(?:-[\da-f]{1,2}){5}|(?:\.[\da-f]{1,2}){5})|(?:[\da-f]{4}\.){2}[\da-f]{4}|[\da-f]{12}/iy;
const NUMBER = /0[xX][\da-fA-F]+|\d+/y;
const IPV4 = /(?:0[xX][\da-fA-F]+|\d+)(?:\.(?:0[xX][\da-fA-F]+|\d+)){1,3}/y;
const WORD = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
/** Word after a backslash, which is no keyword. */
const ESCAPED = /\\[^ !()\n\t]+/y;
/** Text in quotes; a backslash keeps the next character. */
const QUOTED = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y;
/** Name of a prefix, an interface or a capture. */
const NAME = /(?:[^\s()!&|"'\\]|\\[^])+/y;

/** Reads tokens of an expression. */
export class Lexer {
  /** Text of the expression. */
  readonly text: string;
  #at = 0;

  /** Creates a lexer at the start of a text. */
  constructor(text: string) {
    this.text = text;
  }

  /** Returns the next token. It never throws. */
  next(): Token {
    const start = this.#skipBlank(this.#at);
    const token = this.#tokenAt(start);
    this.#at = token.end;
    return token;
  }

  /** Returns whether a symbol follows the token that was read last. */
  isFollowedBy(symbol: string): boolean {
    return this.text.startsWith(symbol, this.#skipBlank(this.#at));
  }

  /** Returns whether a word follows it. */
  isFollowedByWord(word: string): boolean {
    return this.#match(WORD, this.#skipBlank(this.#at)) === word;
  }

  /**
   * Returns a name that begins where a token does, whatever characters it has; undefined if there
   * is none. The next token is the one after it.
   */
  nameAt({ start }: Span): Token | undefined {
    const text = this.#match(QUOTED, start) ?? this.#match(NAME, start);
    if (text === undefined) return undefined;
    this.#at = start + text.length;
    const isQuoted = text.startsWith('"') || text.startsWith("'");
    const inside = isQuoted ? text.slice(1, -1) : text;
    return { kind: "text", text: inside, value: 0, start, end: this.#at };
  }

  #tokenAt(start: number): Token {
    const { text } = this;
    const token = (kind: TokenKind, length: number, shown = text.slice(start, start + length)) => ({
      kind,
      text: shown,
      value: 0,
      start,
      end: start + length,
    });
    if (start >= text.length) return token("end", 0);
    const symbol = this.#match(SYMBOL, start);
    const colons = this.#match(COLONS, start);
    if (colons !== undefined && (colons.match(/:/g)!.length > 1)) {
      const mac = this.#match(MAC, start);
      if (mac === colons) return token("mac", mac.length);
      if (parseAddress(colons) !== undefined) return token("ipv6", colons.length);
      return this.#wrong(start, colons.length, "is neither an IPv6 nor a link address");
    }
    if (symbol !== undefined) return token("symbol", symbol.length);
    const quotes = this.#match(QUOTED, start);
    if (quotes !== undefined) return token("text", quotes.length, quotes.slice(1, -1));
    const escaped = this.#match(ESCAPED, start);
    if (escaped !== undefined) return token("text", escaped.length, escaped.slice(1));
    // The longest match counts; of equal ones the first.
    const [kind, length] = ([
      ["mac", MAC],
      ["number", NUMBER],
      ["ipv4", IPV4],
      ["word", WORD],
    ] as const).map(([kind, pattern]) => [kind, this.#match(pattern, start)?.length ?? 0] as const)
      .reduce((best, other) => other[1] > best[1] ? other : best);
    if (length === 0) return this.#unknown(start);
    return kind === "number" ? this.#number(start, length) : token(kind, length);
  }

  #number(start: number, length: number): Token {
    const text = this.text.slice(start, start + length);
    const value = numberValue(text);
    if (typeof value === "string") return this.#wrong(start, length, value);
    return { kind: "number", text, value, start, end: start + length };
  }

  #wrong(start: number, length: number, what: string): Token {
    const text = this.text.slice(start, start + length);
    const reason = `${quoted(text)} ${what}`;
    return { kind: "wrong", text, value: 0, reason, start, end: start + length };
  }

  #unknown(start: number): Token {
    const character = String.fromCodePoint(this.text.codePointAt(start)!);
    const wrong = this.#wrong(start, character.length, "cannot stand here; write names in quotes");
    return /["']/.test(character) ? { ...wrong, reason: "the quote has no end" } : wrong;
  }

  #match(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.text)?.[0];
  }

  #skipBlank(at: number): number {
    return at + this.#match(BLANK, at)!.length;
  }
}
