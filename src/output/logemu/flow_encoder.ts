/** Encodes a flow as a line of ulogd's LOGEMU output. */

import type { RawFlow } from "../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { LineWriter } from "../../text/line.ts";
import { FLOW_LINE_MAX, writeFlowLine } from "../lines/flow_line.ts";
import { LineHead, shortName } from "../lines/head.ts";
import type { LineOptions } from "./options.ts";

const NEWLINE = 0x0a;

/** Encodes lines of flows. The kernel prints none itself, so that all dialects have ulogd's. */
export class FlowLogemuEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();
  readonly #head: LineHead;

  /** Creates an encoder. */
  constructor({ timeFormat, hostname }: LineOptions) {
    this.#head = new LineHead(timeFormat, hostname, (host) => ` ${shortName(host)} `);
  }

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + this.#head.roomFor(flow) + FLOW_LINE_MAX > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    this.#head.write(line, flow);
    writeFlowLine(line, flow);
    out[line.at++] = NEWLINE;
    return line.at - at;
  }
}
