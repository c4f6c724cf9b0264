/** The pure half of the ClickHouse output. */

import { defineEncoders } from "../../record/define.ts";
import { CounterRowEncoder } from "../table/counter_row_encoder.ts";
import { FlowRowEncoder } from "../table/flow_row_encoder.ts";
import { RowEncoder, type RowEncoderOptions } from "../table/row_encoder.ts";

/** Encoders of the ClickHouse output. */
export const clickhouseEncoders = defineEncoders<RowEncoderOptions>({
  packet: (options) => new RowEncoder(options),
  flow: (options) => new FlowRowEncoder(options),
  counter: (options) => new CounterRowEncoder(options),
});
