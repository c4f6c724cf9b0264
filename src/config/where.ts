/** `where`: expressions that choose packets and flows. */

import type { ConfigProblem } from "../errors.ts";
import { ExpressionError, withPlace } from "../filter/expression/error.ts";
import { expressionAbout } from "../filter/expression/expression.ts";
import { RECORD_NAMES } from "../filter/expression/kinds.ts";

/**
 * Checks an expression.
 *
 * @param text The expression; undefined without one.
 * @param key Where it stands.
 * @param kinds Kinds of record that it chooses from: each of its words must be about one of them.
 * @param problems Takes what is wrong: a line, and two more that show the place.
 */
export function checkWhere(
  text: string | undefined,
  key: string,
  kinds: readonly string[],
  problems: ConfigProblem[],
): void {
  if (text === undefined) return;
  // Sources that are wrong themselves tell no kind.
  const known = RECORD_NAMES.filter((kind) => kinds.includes(kind));
  if (known.length === 0 && kinds.length > 0) {
    const message = "has no record to choose from: expressions do not choose counters, and there " +
      "is nothing else here; leave it out, or choose by the export counter of a filter script";
    problems.push({ key, message });
    return;
  }
  try {
    expressionAbout(text, known.length === 0 ? RECORD_NAMES : known);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push({ key, message: withPlace(error) });
  }
}
