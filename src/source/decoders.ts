/**
 * The pure half of every source, by type.
 *
 * @module
 */

import { NflogDecoder } from "./nflog/decoder.ts";
import { PcapDecoder } from "./pcap/decoder.ts";
import type { PcapSourceOptions } from "./pcap/options.ts";
import type { Decoder } from "./source.ts";
import { UlogDecoder } from "./ulog/decoder.ts";
import type { UlogOptions } from "./ulog/options.ts";

/** Makes the decoder of a source; a new source is one line here and one in `readers.ts`. */
export const decoders: Readonly<Record<string, (options: never) => Decoder>> = {
  nflog: () => new NflogDecoder(),
  pcap: (options: PcapSourceOptions) => new PcapDecoder(options),
  ulog: (options: UlogOptions) => new UlogDecoder(options),
};
