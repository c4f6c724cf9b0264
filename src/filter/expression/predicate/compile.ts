/** Compiles an expression into a predicate over raw packets. Nothing is allocated per packet. */

import type { RawPacket } from "../../../packet/raw_packet.ts";
import { narrowed } from "../kinds.ts";
import type { Condition, Expression } from "../syntax.ts";
import { addressTest } from "./addresses.ts";
import { relationTest } from "./arithmetic.ts";
import { allOf, anyOf, NEVER } from "./combine.ts";
import { Frame, type Test } from "./frame.ts";
import {
  boundTest,
  castTest,
  etherTypeTest,
  isoTest,
  llcTest,
  macTest,
  networkTest,
} from "./link.ts";
import { choiceTest, markTest, numberTest, textTest } from "./metadata.ts";
import { mergePorts, portTest } from "./ports.ts";
import { protocolTest } from "./protocols.ts";
import { ANY_ID, hasTag } from "./tags.ts";

/** Predicate over raw packets. */
export type RawPredicate = (packet: RawPacket) => boolean;

/**
 * Compiles an expression for packets; words that only flows have are true of none.
 *
 * @param expression Tree of the expression.
 */
export function compilePredicate(expression: Expression): RawPredicate {
  const rest = narrowed(expression, "packet");
  if (typeof rest === "boolean") return () => rest;
  const frame = new Frame();
  const test = compile(rest, frame);
  return (packet) => {
    frame.begin(packet);
    return test() && !frame.isCut;
  };
}

function compile(expression: Expression, frame: Frame): Test {
  switch (expression.kind) {
    case "and":
      return allOf(expression.operands.map((operand) => compile(operand, frame)));
    case "or":
      return anyOf(
        mergePorts(expression.operands).map((operand) =>
          Array.isArray(operand) ? portTest(operand, frame) : compile(operand, frame)
        ),
      );
    case "not": {
      const test = compile(expression.operand, frame);
      return () => !test();
    }
    default:
      return compileCondition(expression, frame);
  }
}

function compileCondition(condition: Condition, frame: Frame): Test {
  switch (condition.kind) {
    case "network":
      return networkTest(condition.network, frame);
    case "etherType":
      return etherTypeTest(condition.type, frame);
    case "protocol":
    case "protochain":
      return protocolTest(condition, frame);
    case "address":
      return addressTest(condition, frame);
    case "port":
      return portTest([condition], frame);
    case "mac":
      return macTest(condition, frame);
    case "cast":
      return castTest(condition, frame);
    case "relation":
      return relationTest(condition, frame);
    case "tag": {
      const { tag, id = ANY_ID } = condition;
      return () => hasTag(frame.packet, tag, id);
    }
    case "llc":
      return llcTest(condition, frame);
    case "iso":
      return isoTest(condition, frame);
    case "bound":
      return boundTest(condition.bound, frame);
    case "text":
      return textTest(condition, frame);
    case "choice":
      return choiceTest(condition, frame);
    case "mark":
      return markTest(condition, frame);
    case "number":
      return numberTest(condition, frame);
    case "record":
    case "nat":
    case "label":
      return NEVER;
  }
}
