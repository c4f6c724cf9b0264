/** Encoders of outputs with tables. */

import { defineEncoders } from "../../record/define.ts";
import { CounterRowEncoder } from "./counter_row_encoder.ts";
import { FlowRowEncoder } from "./flow_row_encoder.ts";
import { RowEncoder, type RowEncoderOptions } from "./row_encoder.ts";

/** The pure half of every output with tables: a row a record. */
export const rowEncoders = defineEncoders<RowEncoderOptions>({
  packet: (options) => new RowEncoder(options),
  flow: (options) => new FlowRowEncoder(options),
  counter: (options) => new CounterRowEncoder(options),
});
