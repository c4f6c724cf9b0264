/** Reads the tokens of an expression with one token of look-ahead. */

import { ExpressionError, quoted } from "./error.ts";
import { Lexer, type Token } from "./lexer.ts";
import type { Span } from "./syntax.ts";
import { NUMBER_NAMES } from "./words.ts";

/** Longest expression, in UTF-16 units. */
export const TEXT_MAX = 65_536;
/** Most parentheses, negations and signs within each other. */
export const DEPTH_MAX = 100;
/** Most words of an expression. */
const TOKENS_MAX = 10_000;

/** Current token of an expression. */
export class Tokens {
  /** Token that was not consumed yet. */
  token: Token;
  /** Offset after the token that was consumed last. */
  last = 0;
  readonly #lexer: Lexer;
  #taken = 0;
  #depth = 0;

  /** Reads the first token. */
  constructor(text: string) {
    this.#lexer = new Lexer(text);
    if (text.length > TEXT_MAX) {
      throw this.error({ start: TEXT_MAX, end: TEXT_MAX }, `it is longer than ${TEXT_MAX}`);
    }
    this.token = this.#named(this.#lexer.next());
  }

  /** Text of the expression. */
  get text(): string {
    return this.#lexer.text;
  }

  /** Consumes the current token and returns it. */
  take(): Token {
    const { token } = this;
    if (token.kind === "wrong") throw this.error(token, "");
    if (++this.#taken > TOKENS_MAX) {
      throw this.error(token, `it has more than ${TOKENS_MAX} words and signs`);
    }
    this.last = token.end;
    this.token = this.#named(this.#lexer.next());
    return token;
  }

  /** Whether all tokens were consumed. */
  get isAtEnd(): boolean {
    return this.token.kind === "end";
  }

  /** Returns whether the current token is one of these symbols. */
  isSymbol(...symbols: string[]): boolean {
    return this.token.kind === "symbol" && symbols.includes(this.token.text);
  }

  /** Returns whether the current token is one of these words. */
  isWord(...words: string[]): boolean {
    return this.token.kind === "word" && words.includes(this.token.text);
  }

  /** Consumes the current token if it is a symbol. */
  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.take();
    return true;
  }

  /** Consumes a symbol that must come. */
  expectSymbol(symbol: string, why: string): Token {
    if (this.isSymbol(symbol)) return this.take();
    throw this.unexpected(`"${symbol}" is missing${why}`);
  }

  /** Consumes a number that must come. */
  expectNumber(why: string, most = 0xffff_ffff): Token {
    const { token } = this;
    if (token.kind !== "number") throw this.unexpected(`${why} needs a number`);
    if (token.value > most) {
      throw this.error(token, `${quoted(token.text)} is above ${most}, the most for ${why}`);
    }
    return this.take();
  }

  /** Consumes a number that must come, which may have more than 32 bits. */
  expectCount(why: string): Token {
    const { token } = this;
    const value = Number(token.text);
    if (token.kind !== "wrong" || !/^[1-9]\d*$/.test(token.text)) return this.expectNumber(why);
    if (!Number.isSafeInteger(value)) {
      throw this.error(
        { start: token.start, end: token.end },
        `${quoted(token.text)} is above ${Number.MAX_SAFE_INTEGER}, the most for ${why}`,
      );
    }
    this.token = { ...token, kind: "number", value };
    return this.take();
  }

  /** Returns whether a symbol follows the current token. */
  isFollowedBy(symbol: string): boolean {
    return this.#lexer.isFollowedBy(symbol);
  }

  /** Returns whether a word follows the current token. */
  isFollowedByWord(word: string): boolean {
    return this.#lexer.isFollowedByWord(word);
  }

  /** Consumes a name of any characters where the current token begins; undefined if none does. */
  takeName(): Token | undefined {
    const name = this.#lexer.nameAt(this.token);
    if (name === undefined) return undefined;
    this.last = name.end;
    this.token = this.#named(this.#lexer.next());
    return name;
  }

  /** Enters parentheses, a negation or a sign. */
  enter(): void {
    if (++this.#depth > DEPTH_MAX) {
      throw this.error(
        this.token,
        `more than ${DEPTH_MAX} parentheses and negations are within each other`,
      );
    }
  }

  /** Leaves them. */
  leave(): void {
    this.#depth--;
  }

  /** Returns an error about a place in the text; a token that is wrong has its own reason. */
  error(span: Span | Token, reason: string): ExpressionError {
    const own = "reason" in span ? span.reason : undefined;
    return new ExpressionError(this.text, span, own ?? reason);
  }

  /** Returns an error about the current token, which cannot stand there. */
  unexpected(needed: string): ExpressionError {
    const { token } = this;
    return this.error(
      token,
      token.kind === "end"
        ? `it ends, but ${needed}`
        : `${quoted(token.text)} stands here, but ${needed}`,
    );
  }

  /** Returns the number that a word such as `tcp-syn` stands for. */
  #named(token: Token): Token {
    const value = token.kind === "word" ? NUMBER_NAMES.get(token.text) : undefined;
    return value === undefined ? token : { ...token, kind: "number", value };
  }
}
