/** `where`: expressions that choose packets. */

import type { ConfigProblem } from "../errors.ts";
import { ExpressionError, withPlace } from "../filter/expression/error.ts";
import { packetExpression } from "../filter/expression/expression.ts";

/**
 * Checks an expression about packets.
 *
 * @param text The expression; undefined without one.
 * @param key Where it stands.
 * @param problems Takes what is wrong: a line, and two more that show the place.
 */
export function checkWhere(
  text: string | undefined,
  key: string,
  problems: ConfigProblem[],
): void {
  if (text === undefined) return;
  try {
    packetExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push({ key, message: withPlace(error) });
  }
}
