/** Encodes flows as lines of JSON. */

import type { RawFlow } from "../../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../../record/encoder.ts";
import { LineWriter } from "../../../text/line.ts";
import { endObject } from "../object.ts";
import type { PrinterOptions } from "../options.ts";
import { EcsFlowPrinter } from "./ecs.ts";
import type { FlowLinePrinter } from "./line_printer.ts";
import { OcsfFlowPrinter } from "./ocsf.ts";
import { FlowPrinter } from "./printer.ts";

/** Room that most lines do not fill: with less, none is begun. */
const USUAL_MAX = 2048;
const NEWLINE = 0x0a;

/** Formats of lines. */
const PRINTERS: Readonly<
  Record<PrinterOptions["format"], (options: PrinterOptions) => FlowLinePrinter>
> = {
  nfscribe: (options) => new FlowPrinter(options),
  ecs: (options) => new EcsFlowPrinter(options),
  ocsf: (options) => new OcsfFlowPrinter(options),
};

/** Encodes lines of one format. */
export class FlowEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();
  readonly #printer: FlowLinePrinter;
  #capture: string | undefined;

  /** Creates an encoder. */
  constructor(options: PrinterOptions) {
    this.#printer = PRINTERS[options.format](options);
  }

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + USUAL_MAX > out.length) return NO_ROOM;
    if (flow.capture !== this.#capture) {
      this.#printer.begin(flow.capture);
      this.#capture = flow.capture;
    }
    const line = this.#line;
    line.out = out;
    line.at = at;
    this.#printer.print(line, flow);
    endObject(line, at);
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }
}
