/** Conditions about what connection tracking says of a flow. */

import { IPS_SEEN_REPLY, stateNumber, statusBit } from "../../../flow/names.ts";
import { FLOW_EVENTS, type FlowEvent, type RawFlow } from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { encodePattern, matchesPattern } from "../../../text/pattern.ts";
import type { Condition } from "../syntax.ts";
import { UNREPLIED } from "../words.ts";
import { NEVER } from "./combine.ts";
import { type FlowFrame, tupleOf } from "./flow_frame.ts";
import type { Test } from "./frame.ts";
import { comparisonOf, nameTest } from "./metadata.ts";

/** IANA protocol numbers. */
const PROTOCOLS = 256;

/** Compiles a condition about a text of the flow; one without it does not fulfil it. */
export function textTest(
  { field, pattern }: Extract<Condition, { kind: "text" }>,
  frame: FlowFrame,
): Test {
  if (field === "capture") return nameTest(pattern, () => frame.flow.capture);
  if (field === "sender") return nameTest(pattern, () => frame.flow.host);
  if (field !== "helper") return NEVER;
  const encoded = encodePattern(pattern);
  return () => {
    const { bytes, helperOffset, helperLength } = frame.flow;
    return helperLength !== ABSENT &&
      matchesPattern(encoded, bytes, helperOffset, helperOffset + helperLength);
  };
}

/** Compiles a condition about a value that has a name. */
export function choiceTest(
  { field, choice }: Extract<Condition, { kind: "choice" }>,
  frame: FlowFrame,
): Test {
  switch (field) {
    case "event": {
      const event = FLOW_EVENTS.indexOf(choice as FlowEvent);
      return () => frame.flow.event === event;
    }
    case "state": {
      const states = new Int16Array(PROTOCOLS).fill(ABSENT - 1);
      for (let protocol = 0; protocol < PROTOCOLS; protocol++) {
        const state = stateNumber(protocol, choice);
        if (state !== undefined) states[protocol] = state;
      }
      return () => states[frame.flow.original.protocol] === frame.flow.state;
    }
    case "status": {
      const isUnreplied = choice === UNREPLIED;
      const bits = isUnreplied ? IPS_SEEN_REPLY : statusBit(choice);
      return () => {
        const { status } = frame.flow;
        return status !== ABSENT && (status & bits) === 0 === isUnreplied;
      };
    }
    default:
      return NEVER;
  }
}

/** Compiles a condition about a label (`ct label`). */
export function labelTest(label: number, frame: FlowFrame): Test {
  const [byte, bit] = [label >> 3, 1 << (label & 7)];
  return () => {
    const { bytes, labelsOffset, labelsLength } = frame.flow;
    return byte < labelsLength && (bytes[labelsOffset + byte]! & bit) !== 0;
  };
}

/** Compiles a condition about a number; flows without it do not fulfil it. */
export function numberTest(
  { field, comparison, value, side }: Extract<Condition, { kind: "number" }>,
  frame: FlowFrame,
): Test {
  const holds = comparisonOf(comparison, value);
  switch (field) {
    case "packets":
    case "bytes": {
      if (side === undefined) {
        return () => holds(sum(frame.flow.original[field], frame.flow.reply[field]));
      }
      const tuple = tupleOf(frame, side);
      return () => holds(tuple()[field]);
    }
    case "zone": {
      const tuple = tupleOf(frame, side);
      return () => {
        const { zone } = tuple();
        return holds(zone === ABSENT ? Math.max(0, frame.flow.zone) : zone);
      };
    }
    case "duration":
      return () => holds(durationOf(frame.flow));
    default:
      return NEVER;
  }
}

/** Returns the sum of the counters of both directions, as far as they are known. */
function sum(original: number, reply: number): number {
  if (original === ABSENT) return reply;
  return reply === ABSENT ? original : original + reply;
}

/** Returns the seconds from start to end, as `flow.duration` has them. */
function durationOf(
  { startSeconds, startNanoseconds, endSeconds, endNanoseconds }: RawFlow,
): number {
  if (startSeconds === ABSENT || endSeconds === ABSENT) return ABSENT;
  const start = startSeconds * 1e6 + Math.floor(startNanoseconds / 1000);
  const end = endSeconds * 1e6 + Math.floor(endNanoseconds / 1000);
  return Math.max(0, end - start) / 1e6;
}
