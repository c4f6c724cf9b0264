/**
 * The pure half of every output, by type.
 *
 * @module
 */

import { LogemuEncoder } from "./logemu/encoder.ts";
import type { LogemuOptions } from "./logemu/options.ts";
import type { Encoder } from "./output.ts";
import { pcapEncoder, type PcapEncoderOptions } from "./pcap/encoder.ts";
import { PostgresEncoder, type PostgresEncoderOptions } from "./postgres/encoder.ts";

/** Makes the encoder of an output from its complete options; a new output is one line here and one in `writers.ts`. */
export const encoders: Readonly<Record<string, (options: never) => Encoder>> = {
  pcap: (options: PcapEncoderOptions) => pcapEncoder(options),
  logemu: (options: LogemuOptions) => new LogemuEncoder(options),
  postgres: (options: PostgresEncoderOptions) => new PostgresEncoder(options),
};
