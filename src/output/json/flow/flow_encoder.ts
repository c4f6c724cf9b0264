/** Encodes flows as lines of JSON. */

import type { RawFlow } from "../../../flow/raw_flow.ts";
import type { Encoder } from "../../../record/encoder.ts";
import { flavored } from "../flavor.ts";
import { LineEncoder } from "../line_encoder.ts";
import type { LineOptions, PrinterOptions } from "../options.ts";
import type { LinePrinter } from "../printer.ts";
import { EcsFlowPrinter } from "./ecs.ts";
import { OcsfFlowPrinter } from "./ocsf.ts";
import { FlowPrinter } from "./printer.ts";
import { Ulogd2FlowEncoder } from "./ulogd2.ts";

/** Formats of lines. */
const PRINTERS: Readonly<
  Record<PrinterOptions["format"], (options: PrinterOptions) => LinePrinter<RawFlow>>
> = {
  nfscribe: (options) => new FlowPrinter(options),
  ecs: (options) => new EcsFlowPrinter(options),
  ocsf: (options) => new OcsfFlowPrinter(options),
};

/** Encodes flows as lines of one format. */
export class FlowEncoder extends LineEncoder<RawFlow> {
  /** Creates an encoder. */
  constructor(options: PrinterOptions) {
    super(PRINTERS[options.format](options));
  }
}

/** Creates the encoder of flows for these options. */
export function flowEncoderOf(options: LineOptions): Encoder<RawFlow> {
  const { format, flavor, session } = options;
  if (format === "ulogd2") return new Ulogd2FlowEncoder(options);
  return flavored(new FlowEncoder({ ...options, format }), flavor, session);
}
