/** Flow that a predicate is asked about. */

import type { RawFlow, RawTuple } from "../../../flow/raw_flow.ts";
import type { Side } from "../syntax.ts";

/** Flow that a predicate is asked about; one object for all flows. */
export interface FlowFrame {
  /** The flow. */
  flow: RawFlow;
}

/** Returns a function for the direction that a condition is about: the original one if it says none. */
export function tupleOf(frame: FlowFrame, side: Side | undefined): () => RawTuple {
  return side === "reply" ? () => frame.flow.reply : () => frame.flow.original;
}
