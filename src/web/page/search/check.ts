/** Checks an expression as it is written. Pure. */

import { ExpressionError } from "../../../filter/expression/error.ts";
import { checkKinds } from "../../../filter/expression/kinds.ts";
import { parseExpression } from "../../../filter/expression/parser.ts";
import type { Place } from "../api/client.ts";
import type { StoredKind } from "../api/types.ts";

/** Mistake in an expression. */
export interface Mistake {
  readonly reason: string;
  readonly place: Place | undefined;
}

/** Returns the mistake of an expression; undefined if it is right, or empty. */
export function mistakeOf(text: string, kind: StoredKind): Mistake | undefined {
  if (text.trim() === "") return undefined;
  try {
    checkKinds(text, parseExpression(text), [kind]);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { reason, offset, length } = error;
    return { reason, place: { start: offset, end: offset + length } };
  }
}
