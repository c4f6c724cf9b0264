/** Expressions in words: a sentence that says which packets and flows are chosen. Pure. */

import { kindsOf, narrowed } from "../kinds.ts";
import type { Expression } from "../syntax.ts";
import { phraseOf } from "./phrases.ts";

/**
 * Returns an expression as a sentence, in which parentheses group as in the expression.
 *
 * @param expression Tree of the expression.
 *
 * @example
 * ```ts
 * import { parseExpression } from "../parser.ts";
 * import { sentenceOf } from "./sentence.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   sentenceOf(parseExpression("tcp dst port 22 and not src net 10.0.0.0/8")),
 *   "Packets and flows where the TCP destination port is 22 and the source address is not in 10.0.0.0/8.",
 * );
 * ```
 */
export function sentenceOf(expression: Expression): string {
  const kinds = kindsOf(expression);
  const names = kinds.map((kind) => `${kind}s`).join(" and ");
  if (names !== "" && kinds.every((kind) => narrowed(expression, kind) === true)) {
    return `All ${names}.`;
  }
  const what = names === "" ? "Nothing" : names[0]!.toUpperCase() + names.slice(1);
  return `${what} where ${clause(expression, false)}.`;
}

function clause(expression: Expression, isNested: boolean): string {
  switch (expression.kind) {
    case "and":
    case "or": {
      const { kind, operands } = expression;
      const text = operands.map((operand) => clause(operand, true)).join(` ${kind} `);
      return isNested ? `(${text})` : text;
    }
    case "not":
      return negated(expression.operand, isNested);
    default:
      return phraseOf(expression, false);
  }
}

function negated(expression: Expression, isNested: boolean): string {
  switch (expression.kind) {
    case "not":
      return clause(expression.operand, isNested);
    case "and":
    case "or":
      return `not ${clause(expression, true)}`;
    default:
      return phraseOf(expression, true);
  }
}
