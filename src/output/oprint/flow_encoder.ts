/** Encodes flows as ulogd's plugin OPRINT prints them. */

import type { RawFlow } from "../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { ascii } from "../../text/line.ts";
import { FlowAssignments } from "../ulogd/flow_assignments.ts";
import { writeFlowKeys } from "../ulogd/flow_keys.ts";
import { BOUNDARY } from "./boundary.ts";

const NEWLINE = 0x0a;
const FIRST_LINE = ascii(BOUNDARY);
/** The most bytes of a record. */
const RECORD_MAX = 1536;

/** Encodes flows, a line for each key. */
export class FlowOprintEncoder implements Encoder<RawFlow> {
  readonly #format = new FlowAssignments({ end: NEWLINE, isReversed: true, hasPointers: true });

  /** Encodes a flow as several lines, the first of which is always the same. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + RECORD_MAX > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    line.text(FIRST_LINE);
    writeFlowKeys(this.#format, flow);
    return line.at - at;
  }
}
