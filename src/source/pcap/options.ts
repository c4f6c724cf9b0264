/**
 * Options of a capture file as a source.
 *
 * @module
 */

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
    "The capture file: pcap or pcapng, packed by gzip, by zstd or not at all; - is standard input. Of several, " +
      "one is read behind the other.",
    pathOrList("input", "a file's path, - for standard input, or a list of them"),
  ),
  follow: described(
    "Whether the file grows, as one that another program writes: its end is then waited at.",
    optional(yesOrNo(), false),
  ),
  pace: described(
    "max: packets come as fast as they are taken; recorded: with the pauses that they had.",
    optional(oneOf(["max", "recorded"]), "max"),
  ),
  copyRange: described(
    "Bytes kept of each packet from its network header on; 0 keeps all.",
    optional(wholeNumber(0, NFULNL_COPY_RANGE_MAX), 0),
  ),
} satisfies Entries;

/** Checked options of the source. */
export type PcapSourceOptions = OptionsOf<typeof pcapSourceEntries>;
