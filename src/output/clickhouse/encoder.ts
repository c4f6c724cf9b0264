/** The pure half of the ClickHouse output. */

import { defineEncoders } from "../../record/define.ts";
import { RowEncoder, type RowEncoderOptions } from "../table/row_encoder.ts";

/** Encoders of the ClickHouse output. */
export const clickhouseEncoders = defineEncoders<RowEncoderOptions>({
  packet: (options) => new RowEncoder(options),
});
