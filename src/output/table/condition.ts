/** Conditions of `WHERE` from expressions. */

import { ExpressionError } from "../../filter/expression/error.ts";
import { expressionAbout } from "../../filter/expression/expression.ts";
import { kindsOf, RECORD_NAMES } from "../../filter/expression/kinds.ts";
import { sqlCondition } from "../../filter/expression/sql/compile.ts";
import type { SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { TableKind } from "./record_table.ts";

/**
 * Returns an expression as a condition over a table.
 *
 * @throws {ExpressionError} If it is none about that kind of record, or the table has no column for it.
 */
export function conditionFor(kind: TableKind, text: string, dialect: SqlDialect): string {
  if (kind === "counter") {
    const all = { start: 0, end: text.length };
    throw new ExpressionError(text, all, "expressions choose packets and flows, not counters");
  }
  return sqlCondition(text, expressionAbout(text, [kind]), dialect, kind);
}

/**
 * Returns the kind of record that an expression chooses from: packets, unless it is about flows alone.
 *
 * @throws {ExpressionError} If it is none.
 */
export function kindAskedFor(text: string): TableKind {
  const kinds = kindsOf(expressionAbout(text, RECORD_NAMES));
  return kinds.includes("packet") ? "packet" : "flow";
}
