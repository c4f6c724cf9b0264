/**
 * The pure half of every output, by type.
 *
 * @module
 */

import type { Encoder } from "./output.ts";
import { PcapEncoder } from "./pcap/encoder.ts";

/** Makes the encoder of an output; a new output is one line here and one in `writers.ts`. */
export const encoders: Readonly<Record<string, () => Encoder>> = {
  pcap: () => new PcapEncoder(),
};
