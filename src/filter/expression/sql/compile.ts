/**
 * Compiles expressions into SQL conditions over the tables `packets` and `flows`. They choose the
 * rows of the records that the predicate chooses, except where a row knows less than the packet:
 * bytes that were not captured and headers that contradict themselves leave no values.
 */

import { ExpressionError, quoted } from "../error.ts";
import { narrowed } from "../kinds.ts";
import type { Condition, Expression, Primitive, RecordName } from "../syntax.ts";
import type { Sql } from "./columns.ts";
import { conditionOf } from "./conditions.ts";
import type { SqlDialect } from "./dialect.ts";
import { flowConditionOf } from "./flow_conditions.ts";

/** SQL of single conditions, by the kind of record in the table. */
const CONDITIONS: Readonly<
  Record<RecordName, (condition: Condition, dialect: SqlDialect) => Sql>
> = { packet: conditionOf, flow: flowConditionOf };

/**
 * Returns the condition for `WHERE`.
 *
 * @param text The expression's text, for errors.
 * @param expression Its tree; words that this kind of record does not have are true of none.
 * @param kind Kind of record in the table.
 * @throws {ExpressionError} If the table has no column for something; the error points at it.
 */
export function sqlCondition(
  text: string,
  expression: Expression,
  dialect: SqlDialect,
  kind: RecordName = "packet",
): string {
  const rest = narrowed(expression, kind);
  if (typeof rest === "boolean") return rest ? "TRUE" : "FALSE";
  return compile(rest, false, dialect, (primitive) => {
    const found = CONDITIONS[kind](primitive, dialect);
    if ("sql" in found) return found.sql;
    const { start, end } = primitive.span;
    throw new ExpressionError(
      text,
      primitive.span,
      `a table of ${kind}s has no column for ${quoted(text.slice(start, end))}${found.hint}`,
    );
  });
}

/** Compiles an expression or its contrary; a value that is unknown fulfils no primitive. */
function compile(
  expression: Expression,
  isNegated: boolean,
  dialect: SqlDialect,
  leaf: (primitive: Primitive) => string,
): string {
  switch (expression.kind) {
    case "and":
    case "or": {
      const join = (expression.kind === "and") === isNegated ? " OR " : " AND ";
      const parts = expression.operands.map((operand) =>
        compile(operand, isNegated, dialect, leaf)
      );
      return `(${joined(parts, join)})`;
    }
    case "not":
      return compile(expression.operand, !isNegated, dialect, leaf);
    default: {
      const sql = leaf(expression);
      return isNegated ? dialect.isNotTrue(sql) : sql;
    }
  }
}

/**
 * Most conditions in a row: databases nest the first one as deep as there are others, and SQLite
 * refuses an expression that is 1,000 deep.
 */
const ROW_MAX = 100;

/** Joins conditions; many of them in parentheses, as rows of rows. */
function joined(parts: readonly string[], join: string): string {
  let rows = parts;
  while (rows.length > ROW_MAX) {
    const longer: string[] = [];
    for (let from = 0; from < rows.length; from += ROW_MAX) {
      const row = rows.slice(from, from + ROW_MAX);
      longer.push(row.length === 1 ? row[0]! : `(${row.join(join)})`);
    }
    rows = longer;
  }
  return rows.join(join);
}
