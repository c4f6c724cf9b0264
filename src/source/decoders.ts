/** Registry of the sources' pure halves, by type. */

import type { Decoders } from "../record/define.ts";
import { accountingDecoder } from "./accounting/decoder.ts";
import { conntrackDecoder } from "./conntrack/decoder.ts";
import { nflogDecoder } from "./nflog/decoder.ts";
import { pcapDecoder } from "./pcap/decoder.ts";
import { ulogDecoder } from "./ulog/decoder.ts";

/** Decoders by type of source; a new source is one line here and one in `sources.ts`. */
export const decoders: Readonly<Record<string, Decoders>> = {
  nflog: nflogDecoder,
  pcap: pcapDecoder,
  ulog: ulogDecoder,
  conntrack: conntrackDecoder,
  accounting: accountingDecoder,
};
