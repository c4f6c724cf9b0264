/** Conditions of `WHERE` from expressions. */

import { ExpressionError } from "../../filter/expression/error.ts";
import { packetExpression } from "../../filter/expression/expression.ts";
import { sqlCondition } from "../../filter/expression/sql/compile.ts";
import type { SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { TableKind } from "./record_table.ts";

/**
 * Returns an expression as a condition over a table.
 *
 * @throws {ExpressionError} If it is none about that kind of record, or the table has no column for it.
 */
export function conditionFor(kind: TableKind, text: string, dialect: SqlDialect): string {
  void kind;
  return sqlCondition(text, packetExpression(text), dialect);
}

/**
 * Returns the kind of record that an expression chooses from: packets, unless it is about flows.
 *
 * @throws {ExpressionError} If it is none.
 */
export function kindAskedFor(text: string): TableKind {
  try {
    packetExpression(text);
    return "packet";
  } catch (error) {
    if (error instanceof ExpressionError) return "flow";
    throw error;
  }
}
