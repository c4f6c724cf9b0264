/** Words that each kind of record has. */

import { ExpressionError, quoted } from "./error.ts";
import { type Condition, type Expression, primitivesOf, type RecordName } from "./syntax.ts";

/** All kinds of record that an expression can be about. */
export const RECORD_NAMES: readonly RecordName[] = ["packet", "flow"];

/** Conditions and fields that flows share with packets. */
const SHARED: ReadonlySet<string> = new Set([
  "record",
  "network",
  "protocol",
  "address",
  "port",
  "mark",
  "capture",
  "sender",
  "family",
]);
/** Conditions and fields that only flows have. */
const OF_FLOWS: ReadonlySet<string> = new Set([
  ...["event", "state", "status", "nat", "label", "helper"],
  ...["packets", "bytes", "duration", "zone"],
]);
/** Families of rules that flows are of, too. */
const FLOW_FAMILIES: readonly string[] = ["ip", "ip6"];

/**
 * Checks that each word of an expression is about one of these kinds of record.
 *
 * @param text The expression's text.
 * @param expression Its tree.
 * @param kinds The kinds that it chooses from.
 * @throws {ExpressionError} If one is not; the error points at it.
 */
export function checkKinds(
  text: string,
  expression: Expression,
  kinds: readonly RecordName[],
): void {
  for (const primitive of primitivesOf(expression)) {
    if (kinds.some((kind) => isAbout(primitive, kind))) continue;
    const { start, end } = primitive.span;
    const word = quoted(text.slice(start, end));
    throw new ExpressionError(
      text,
      primitive.span,
      isAbout(primitive, "flow")
        ? `${word} is about flows; packets have no such value`
        : isAbout(primitive, "packet")
        ? `${word} is about single packets; a flow has no such value`
        : `${word} has no meaning: neither packets nor flows have such a value`,
    );
  }
}

/** Returns whether records of a kind have the value that a condition is about. */
export function isAbout(condition: Condition, kind: RecordName): boolean {
  const name = "field" in condition ? condition.field : condition.kind;
  if (kind === "packet") {
    return !OF_FLOWS.has(name) && !("side" in condition && condition.side !== undefined);
  }
  switch (condition.kind) {
    case "network":
    case "address":
      return condition.network === undefined || FLOW_FAMILIES.includes(condition.network);
    case "choice":
      if (condition.field === "family") return FLOW_FAMILIES.includes(condition.choice);
  }
  return SHARED.has(name) || OF_FLOWS.has(name);
}

/**
 * Returns an expression without the words that records of a kind do not have: these are true of no
 * record of it.
 *
 * @returns The rest; a boolean if all records of the kind are chosen, or none.
 */
export function narrowed(expression: Expression, kind: RecordName): Expression | boolean {
  switch (expression.kind) {
    case "and":
    case "or": {
      const decisive = expression.kind === "or";
      const operands: Expression[] = [];
      for (const operand of expression.operands) {
        const rest = narrowed(operand, kind);
        if (rest === decisive) return decisive;
        if (typeof rest !== "boolean") operands.push(rest);
      }
      const [only] = operands;
      if (only === undefined) return !decisive;
      return operands.length === 1 ? only : { kind: expression.kind, operands };
    }
    case "not": {
      const operand = narrowed(expression.operand, kind);
      return typeof operand === "boolean" ? !operand : { kind: "not", operand };
    }
    case "record":
      return expression.record === kind;
    default:
      return isAbout(expression, kind) ? expression : false;
  }
}

/** Returns the kinds of record that an expression can choose from. */
export function kindsOf(expression: Expression): RecordName[] {
  return RECORD_NAMES.filter((kind) => narrowed(expression, kind) !== false);
}
