/** Conditions about the addresses and ports of a flow. */

import { readBe32 } from "../../../bytes/memory.ts";
import { isOtherPort, isSameAddress } from "../../../flow/same_address.ts";
import type { RawFlow } from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import type { Condition, Direction, NatName } from "../syntax.ts";
import { type FlowFrame, tupleOf } from "./flow_frame.ts";
import type { Test } from "./frame.ts";

/** Compiles a condition about an address or a network. */
export function addressTest(
  { direction, words, mask, side }: Extract<Condition, { kind: "address" }>,
  frame: FlowFrame,
): Test {
  const tuple = tupleOf(frame, side);
  const size = words.length * 4;
  const wanted = Int32Array.from(words);
  const masks = Int32Array.from(mask, (word) => word | 0);
  const isIn = (at: number): boolean => {
    const { bytes } = frame.flow;
    for (let n = 0; n < wanted.length; n++) {
      if ((readBe32(bytes, at + 4 * n) & masks[n]!) !== wanted[n]!) return false;
    }
    return true;
  };
  const holds = endsTest(direction, (end) => isIn(end));
  return () => {
    const { addressSize, source, destination } = tuple();
    return addressSize === size && holds(source, destination);
  };
}

/** Compiles a condition about ports. */
export function portTest(
  { protocols, direction, first, last, side }: Extract<Condition, { kind: "port" }>,
  frame: FlowFrame,
): Test {
  const tuple = tupleOf(frame, side);
  const isProtocol = new Uint8Array(256);
  for (const protocol of protocols) isProtocol[protocol] = 1;
  const holds = endsTest(direction, (port) => port !== ABSENT && port >= first && port <= last);
  return () => {
    const { sourcePort, destinationPort } = tuple();
    return isProtocol[frame.flow.original.protocol] === 1 && holds(sourcePort, destinationPort);
  };
}

/** Returns a test of one end of a direction, of either or of both. */
function endsTest(
  direction: Direction,
  holds: (end: number) => boolean,
): (source: number, destination: number) => boolean {
  switch (direction) {
    case "source":
      return (source) => holds(source);
    case "destination":
      return (_, destination) => holds(destination);
    case "either":
      return (source, destination) => holds(source) || holds(destination);
    case "both":
      return (source, destination) => holds(source) && holds(destination);
  }
}

/** Compiles a condition about translation, which both directions tell, as `flow.nat` does. */
export function natTest(nat: NatName, frame: FlowFrame): Test {
  switch (nat) {
    case "snat":
      return () => isSourceTranslated(frame.flow);
    case "dnat":
      return () => isDestinationTranslated(frame.flow);
    case "nat":
      return () => isSourceTranslated(frame.flow) || isDestinationTranslated(frame.flow);
  }
}

function isSourceTranslated({ bytes, original, reply }: RawFlow): boolean {
  return reply.addressSize !== ABSENT &&
    (isOtherPort(reply.destinationPort, original.sourcePort) ||
      !isSameAddress(bytes, reply, reply.destination, original, original.source));
}

function isDestinationTranslated({ bytes, original, reply }: RawFlow): boolean {
  return reply.addressSize !== ABSENT &&
    (isOtherPort(reply.sourcePort, original.destinationPort) ||
      !isSameAddress(bytes, reply, reply.source, original, original.destination));
}
