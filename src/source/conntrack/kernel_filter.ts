/**
 * Compiles an expression into a program for the filter of a conntrack socket. It accepts every event
 * that the expression chooses; of others it leaves out those that it can tell. Pure.
 */

import { encodeProgram, INSTRUCTIONS_MAX, RETURN } from "../../bytes/bpf.ts";
import { narrowed } from "../../filter/expression/kinds.ts";
import type { Condition, Expression } from "../../filter/expression/syntax.ts";
import { Assembler, type Label } from "./assembler.ts";
import { putCondition } from "./kernel_conditions.ts";
import { putValues, valuesOf } from "./kernel_values.ts";

/** Length to which an accepted datagram is cut: all of it. */
const ALL = 0xffff_ffff;

/**
 * Compiles an expression.
 *
 * @param expression Tree of the expression.
 * @param keepsTrack Whether flows are followed from their beginning to their end: then only what
 *   never changes in a flow's life counts.
 * @returns The encoded program; undefined if it would accept everything, or be too long.
 */
export function kernelFilter(
  expression: Expression,
  keepsTrack: boolean,
): Uint8Array<ArrayBuffer> | undefined {
  const rest = narrowed(expression, "flow");
  const known = typeof rest === "boolean"
    ? rest
    : weakened(rest, false, keepsTrack ? neverChanges : isKnown);
  if (known === true) return undefined;
  const program = new Assembler();
  const [accept, drop]: [Label, Label] = [{}, {}];
  putValues(program, known === false ? new Set() : valuesOf(known), accept);
  if (known === false) program.jump(drop);
  else putTest(program, known, accept, drop);
  program.place(accept);
  program.put(RETURN, ALL);
  program.place(drop);
  program.put(RETURN, 0);
  const instructions = program.finish();
  return instructions.length > INSTRUCTIONS_MAX ? undefined : encodeProgram(instructions);
}

/**
 * Replaces conditions that the program does not know by what accepts more: none at all. Negations
 * stand before single conditions then.
 *
 * @returns The rest; `true` if nothing is left.
 */
function weakened(
  expression: Expression,
  isNegated: boolean,
  knows: (condition: Condition) => boolean,
): Expression | true {
  switch (expression.kind) {
    case "and":
    case "or": {
      const operands = expression.operands.map((operand) => weakened(operand, isNegated, knows));
      const isAnd = (expression.kind === "and") !== isNegated;
      const rest = operands.filter((operand) => operand !== true);
      if (rest.length === 0 || (!isAnd && rest.length < operands.length)) return true;
      return { kind: isAnd ? "and" : "or", operands: rest };
    }
    case "not":
      return weakened(expression.operand, !isNegated, knows);
    default:
      if (!knows(expression)) return true;
      return isNegated ? { kind: "not", operand: expression } : expression;
  }
}

/** Returns whether a value is in events, and stays the same in a flow's life. */
function neverChanges(condition: Condition): boolean {
  switch (condition.kind) {
    case "network":
    case "protocol":
    case "address":
    case "port":
    case "nat":
      return true;
    case "choice":
      return condition.field === "family";
    case "number":
      return condition.field === "zone";
    default:
      return false;
  }
}

function isKnown(condition: Condition): boolean {
  if (condition.kind === "choice") return condition.field !== "state";
  return condition.kind === "mark" || neverChanges(condition);
}

/** Appends a test that goes on at one of two labels. */
function putTest(program: Assembler, expression: Expression, ifTrue: Label, ifFalse: Label): void {
  switch (expression.kind) {
    case "and":
    case "or": {
      expression.operands.forEach((operand, index) => {
        if (index === expression.operands.length - 1) {
          return putTest(program, operand, ifTrue, ifFalse);
        }
        const next: Label = {};
        if (expression.kind === "and") putTest(program, operand, next, ifFalse);
        else putTest(program, operand, ifTrue, next);
        program.place(next);
      });
      break;
    }
    case "not":
      putTest(program, expression.operand, ifFalse, ifTrue);
      break;
    default:
      putCondition(program, expression, ifTrue, ifFalse);
  }
}
