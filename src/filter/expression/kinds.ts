/** Words that each kind of record has. */

import { ExpressionError, quoted } from "./error.ts";
import { type Expression, type Primitive, primitivesOf } from "./syntax.ts";
import { FLOW_WORDS } from "./words.ts";

/** Kinds of record that an expression can be about. */
export type RecordName = "packet" | "flow";

/** Conditions and fields that flows share with packets. */
const SHARED: ReadonlySet<string> = new Set([
  "network",
  "protocol",
  "address",
  "port",
  "mark",
  "capture",
  "family",
]);

/**
 * Checks that a kind of record has all that an expression asks for.
 *
 * @param text The expression's text.
 * @param expression Its tree.
 * @throws {ExpressionError} If it has not; the error points at the word.
 */
export function checkKind(text: string, expression: Expression, kind: RecordName): void {
  for (const primitive of primitivesOf(expression)) {
    if (belongsTo(primitive, kind)) continue;
    const { start, end } = primitive.span;
    const word = quoted(text.slice(start, end));
    throw new ExpressionError(
      text,
      primitive.span,
      kind === "packet"
        ? `${word} is about flows; packets have no such value`
        : `${word} is about single packets; a flow has no such value`,
    );
  }
}

function belongsTo(primitive: Primitive, kind: RecordName): boolean {
  const name = "field" in primitive ? primitive.field : primitive.kind;
  if ("side" in primitive && primitive.side !== undefined) return kind === "flow";
  if (FLOW_WORDS.has(name)) return kind === "flow";
  if (kind === "packet") return true;
  if (primitive.kind === "network") {
    return primitive.network === "ip" || primitive.network === "ip6";
  }
  return SHARED.has(name);
}
