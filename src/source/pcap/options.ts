/** Options of a capture file as a source. */

import {
  described,
  type Entries,
  oneOf,
  optional,
  type OptionsOf,
  pathOrList,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";
import { NFULNL_COPY_RANGE_MAX } from "../../netlink/nflog/constants.ts";

/** The path that stands for standard input. */
export const STANDARD_INPUT = "-";

/** Options of a capture file in a configuration. */
export const pcapSourceEntries = {
  path: described(
    "The capture file: pcap or pcapng, uncompressed or compressed with gzip or zstd; - is standard input. " +
      "Several are read in turn.",
    pathOrList("input", "a file's path, - for standard input, or a list of them"),
  ),
  follow: described(
    "Whether the file grows because another program writes it: nfscribe then waits at its end for more.",
    optional(yesOrNo(), false),
  ),
  pace: described(
    "max: packets come as fast as they are processed; recorded: with their recorded pauses.",
    optional(oneOf(["max", "recorded"]), "max"),
  ),
  copyRange: described(
    "Bytes kept of each packet from its network header on; 0 keeps all.",
    optional(wholeNumber(0, NFULNL_COPY_RANGE_MAX), 0),
  ),
} satisfies Entries;

/** Checked options of the source. */
export type PcapSourceOptions = OptionsOf<typeof pcapSourceEntries>;
