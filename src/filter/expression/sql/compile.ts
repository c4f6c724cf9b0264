/**
 * Compiles expressions into SQL conditions over the table `packets`. They choose the rows of the
 * packets that the predicate chooses, except where a row knows less than the packet: bytes that
 * were not captured and headers that contradict themselves leave no values.
 */

import { ExpressionError, quoted } from "../error.ts";
import type { Expression, Primitive } from "../syntax.ts";
import { conditionOf } from "./conditions.ts";
import type { SqlDialect } from "./dialect.ts";

/**
 * Returns the condition for `WHERE`.
 *
 * @param text The expression's text, for errors.
 * @param expression Its tree, about packets.
 * @throws {ExpressionError} If the table has no column for something; the error points at it.
 */
export function sqlCondition(text: string, expression: Expression, dialect: SqlDialect): string {
  return compile(expression, false, (primitive) => {
    const found = conditionOf(primitive, dialect);
    if ("sql" in found) return found.sql;
    const { start, end } = primitive.span;
    throw new ExpressionError(
      text,
      primitive.span,
      `a table of packets has no column for ${quoted(text.slice(start, end))}${found.hint}`,
    );
  });
}

/** Compiles an expression or its contrary; a value that is unknown fulfils no primitive. */
function compile(
  expression: Expression,
  isNegated: boolean,
  leaf: (primitive: Primitive) => string,
): string {
  switch (expression.kind) {
    case "and":
    case "or": {
      const join = (expression.kind === "and") === isNegated ? " OR " : " AND ";
      return `(${
        expression.operands.map((operand) => compile(operand, isNegated, leaf)).join(join)
      })`;
    }
    case "not":
      return compile(expression.operand, !isNegated, leaf);
    default: {
      const sql = leaf(expression);
      return isNegated ? `(${sql}) IS NOT TRUE` : sql;
    }
  }
}
