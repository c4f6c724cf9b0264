/** Expressions on the command line. */

import { ExpressionError, withPlace } from "../filter/expression/error.ts";
import { type ParsedOptions, UsageError } from "./command.ts";

/** Returns the expression that the operands are together; undefined if there are none. */
export function expressionOf({ EXPR }: ParsedOptions): string | undefined {
  return EXPR?.replaceAll("\n", " ");
}

/**
 * Returns the result of a function that reads an expression.
 *
 * @throws {UsageError} If the expression is wrong; the message points at the word.
 */
export function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new UsageError(withPlace(error));
  }
}
