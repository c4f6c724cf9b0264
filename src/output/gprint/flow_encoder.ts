/** Encodes flows as ulogd's plugin GPRINT prints them. */

import { IPV4_SIZE, type RawFlow } from "../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { AssignmentFormat } from "../ulogd/assignments.ts";
import { type FlowKeyFormat, writeFlowKeys } from "../ulogd/flow_keys.ts";
import type { Key } from "../ulogd/key.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { timeText } from "./time.ts";

const COMMA = 0x2c;
const NEWLINE = 0x0a;
/** The most bytes of a line. */
const LINE_MAX = 1536;

/** Encodes lines of flows. */
export class FlowGprintEncoder implements Encoder<RawFlow> {
  readonly #format = new FlowAssignments();
  readonly #time = new SecondText(timeText);
  readonly #hasTime: boolean;

  /** Creates an encoder. */
  constructor({ timestamp }: { timestamp: boolean }) {
    this.#hasTime = timestamp;
  }

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + LINE_MAX > out.length) return NO_ROOM;
    const { line } = this.#format.assignments;
    line.out = out;
    line.at = at;
    // ulogd takes the time at which it prints.
    if (this.#hasTime) line.text(this.#time.at(flow.receivedSeconds));
    writeFlowKeys(this.#format, flow);
    out[line.at - 1] = NEWLINE;
    return line.at - at;
  }
}

/** Prints keys as `key=value,`. */
class FlowAssignments implements FlowKeyFormat {
  readonly assignments = new AssignmentFormat({
    end: COMMA,
    isReversed: false,
    hasPointers: false,
  });

  number(key: Key, value: number): void {
    this.assignments.number(key, value);
  }

  binary(key: Key, bytes: Uint8Array, at: number): void {
    this.assignments.address(key, bytes, at, false);
  }

  text(key: Key, bytes: Uint8Array, at: number, size: number): void {
    if (size === IPV4_SIZE) this.assignments.ipv4(key, bytes, at);
    else this.assignments.ipv6(key, bytes, at);
  }
}
