/** Compiles an expression into a predicate over raw flows. Nothing is allocated per flow. */

import { IPV4_SIZE, IPV6_SIZE, type RawFlow } from "../../../flow/raw_flow.ts";
import { narrowed } from "../kinds.ts";
import type { Condition, Expression, NetworkName } from "../syntax.ts";
import { allOf, anyOf, NEVER } from "./combine.ts";
import type { FlowFrame } from "./flow_frame.ts";
import { addressTest, natTest, portTest } from "./flow_tuples.ts";
import { choiceTest, labelTest, numberTest, textTest } from "./flow_values.ts";
import type { Test } from "./frame.ts";
import { markMatcher } from "./metadata.ts";

/** Predicate over raw flows. */
export type RawFlowPredicate = (flow: RawFlow) => boolean;

/** Size of addresses by network. */
const SIZES: Readonly<Partial<Record<NetworkName, number>>> = { ip: IPV4_SIZE, ip6: IPV6_SIZE };

/**
 * Compiles an expression for flows; words that only packets have are true of none.
 *
 * @param expression Tree of the expression.
 */
export function compileFlowPredicate(expression: Expression): RawFlowPredicate {
  const rest = narrowed(expression, "flow");
  if (typeof rest === "boolean") return () => rest;
  const frame: FlowFrame = { flow: undefined! };
  const test = compile(rest, frame);
  return (flow) => {
    frame.flow = flow;
    return test();
  };
}

function compile(expression: Expression, frame: FlowFrame): Test {
  switch (expression.kind) {
    case "and":
      return allOf(expression.operands.map((operand) => compile(operand, frame)));
    case "or":
      return anyOf(expression.operands.map((operand) => compile(operand, frame)));
    case "not": {
      const test = compile(expression.operand, frame);
      return () => !test();
    }
    default:
      return compileCondition(expression, frame);
  }
}

function compileCondition(condition: Condition, frame: FlowFrame): Test {
  switch (condition.kind) {
    case "network":
      return networkTest(condition.network, frame);
    case "protocol": {
      const { network, protocol } = condition;
      const isProtocol = () => frame.flow.original.protocol === protocol;
      return network === undefined ? isProtocol : allOf([isProtocol, networkTest(network, frame)]);
    }
    case "address":
      return addressTest(condition, frame);
    case "port":
      return portTest(condition, frame);
    case "nat":
      return natTest(condition.nat, frame);
    case "mark": {
      const holds = markMatcher(condition.value, condition.mask);
      return () => holds(frame.flow.mark);
    }
    case "label":
      return labelTest(condition.label, frame);
    case "text":
      return textTest(condition, frame);
    case "choice":
      return condition.field === "family"
        ? networkTest(condition.choice as NetworkName, frame)
        : choiceTest(condition, frame);
    case "number":
      return numberTest(condition, frame);
    default:
      return NEVER;
  }
}

function networkTest(network: NetworkName, frame: FlowFrame): Test {
  const size = SIZES[network];
  return () => frame.flow.original.addressSize === size;
}
