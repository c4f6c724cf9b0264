/** Encodes flows as ulogd's plugin GPRINT prints them. */

import type { RawFlow } from "../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { FlowAssignments } from "../ulogd/flow_assignments.ts";
import { writeFlowKeys } from "../ulogd/flow_keys.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { timeText } from "./time.ts";

const COMMA = 0x2c;
const NEWLINE = 0x0a;
/** The most bytes of a line. */
const LINE_MAX = 1536;

/** Encodes lines of flows. */
export class FlowGprintEncoder implements Encoder<RawFlow> {
  readonly #format = new FlowAssignments({
    end: COMMA,
    isReversed: false,
    hasPointers: false,
  });
  readonly #time = new SecondText(timeText);
  readonly #hasTime: boolean;

  /** Creates an encoder. */
  constructor({ timestamp }: { timestamp: boolean }) {
    this.#hasTime = timestamp;
  }

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + LINE_MAX > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    // ulogd takes the time at which it prints.
    if (this.#hasTime) line.text(this.#time.at(flow.receivedSeconds));
    writeFlowKeys(this.#format, flow);
    out[line.at - 1] = NEWLINE;
    return line.at - at;
  }
}
