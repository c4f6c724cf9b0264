/** Registry of the sources' privileged halves, by type. */

import type { SourceType } from "./define.ts";
import accounting from "./accounting/source.ts";
import conntrack from "./conntrack/source.ts";
import nats from "./nats/source.ts";
import nflog from "./nflog/source.ts";
import pcap from "./pcap/source.ts";
import ulog from "./ulog/source.ts";

/** Sources by type; a new source is one line here and one in `decoders.ts`. */
export const sources: Readonly<Record<string, SourceType>> = Object.fromEntries(
  [nflog, pcap, ulog, conntrack, accounting, nats].map((source) => [source.type, source]),
);
