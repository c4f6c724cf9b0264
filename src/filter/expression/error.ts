/** Errors of expressions, which point at the word that is wrong. */

import { closestWord } from "../../text/closest.ts";
import { escaped } from "../../text/escape.ts";
import type { Span } from "./syntax.ts";

/** Characters of an expression that are shown on either side of the wrong word. */
const SHOWN = 30;
/** Most characters of a word in a message. */
const WORD_MAX = 40;

/**
 * Error of an expression: one line that says what is wrong and what would be right, and the place.
 *
 * @example Pointing at the word
 * ```ts
 * import { expression, ExpressionError } from "nfscribe";
 * import { assertEquals } from "@std/assert";
 *
 * try {
 *   expression("tcp prot 22");
 * } catch (error) {
 *   if (!(error instanceof ExpressionError)) throw error;
 *   assertEquals(error.excerpt, "tcp prot 22\n    ^^^^");
 *   assertEquals(error.offset, 4);
 * }
 * ```
 */
export class ExpressionError extends Error {
  /** Name of the class. */
  override readonly name = "ExpressionError";
  /** Reason alone, without the place. */
  readonly reason: string;
  /** Text of the expression. */
  readonly expression: string;
  /** Offset of the wrong word, in UTF-16 units. */
  readonly offset: number;
  /** Length of the wrong word, in UTF-16 units; 0 where something is missing. */
  readonly length: number;

  /** Creates an error about a place in the text. */
  constructor(expression: string, { start, end }: Span, reason: string) {
    super(`Cannot read the expression at character ${start + 1}: ${reason}`);
    this.reason = reason;
    this.expression = expression;
    this.offset = start;
    this.length = end - start;
  }

  /** Two lines: the expression, or the part around the word, and a caret below the word. */
  get excerpt(): string {
    const { expression, offset, length } = this;
    const from = Math.max(0, offset - SHOWN);
    const to = Math.min(expression.length, offset + Math.min(length, SHOWN) + SHOWN);
    const [before, word, after] = [
      shown(expression.slice(from, offset)),
      shown(expression.slice(offset, Math.min(offset + length, to))),
      shown(expression.slice(Math.min(offset + length, to), to)),
    ];
    const lead = from > 0 ? "…" : "";
    const line = `${lead}${before}${word}${after}${to < expression.length ? "…" : ""}`;
    return `${line}\n${" ".repeat(lead.length + before.length)}${
      "^".repeat(Math.max(1, word.length))
    }`;
  }
}

/** Returns the reason in a line, and below it the place in two lines, indented. */
export function withPlace(
  { reason, excerpt }: Pick<ExpressionError, "reason" | "excerpt">,
): string {
  return `${reason}\n${excerpt.replaceAll(/^/gm, "  ")}`;
}

/** Returns a word for a message, cut if it is long, in quotes that it does not have itself. */
export function quoted(word: string): string {
  const cut = word.length > WORD_MAX ? `${word.slice(0, WORD_MAX)}…` : word;
  const quote = cut.includes('"') ? "'" : '"';
  return `${quote}${escaped(cut)}${quote}`;
}

/** Returns `; did you mean "…"?` with the nearest of the words; empty if none is near. */
export function suggestion(word: string, known: Iterable<string>): string {
  const closest = closestWord(word, known);
  return closest === undefined ? "" : `; did you mean "${closest}"?`;
}

/** Replaces ends of lines, and what would act on a terminal, a character by a character. */
function shown(text: string): string {
  return text.replaceAll(/\s/g, " ").replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "?");
}
