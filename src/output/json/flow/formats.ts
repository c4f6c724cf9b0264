/** Encoders of flows by format of the lines. */

import type { RawFlow } from "../../../flow/raw_flow.ts";
import type { Encoder } from "../../../record/encoder.ts";
import { flavored } from "../flavor.ts";
import type { LineOptions } from "../options.ts";
import { FlowEncoder } from "./flow_encoder.ts";
import { Ulogd2FlowEncoder } from "./ulogd2.ts";

/** Creates the encoder of flows for these options. */
export function flowEncoderOf(options: LineOptions): Encoder<RawFlow> {
  const { format, flavor, session } = options;
  if (format === "ulogd2") return new Ulogd2FlowEncoder(options);
  return flavored(new FlowEncoder({ ...options, format }), flavor, session);
}
