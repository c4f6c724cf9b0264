/**
 * The options of a capture file as a source.
 *
 * @module
 */

import { described, type Entries, optional, text, wholeNumber } from "../../schema.ts";
import { NFULNL_COPY_RANGE_MAX } from "../nflog/constants.ts";

/** The options of a capture file, each with its value. */
export interface PcapSourceOptions {
  /** The file. */
  path: string;
  /** Bytes kept of each packet from its network header on, 0 to 65531; 0 keeps all. */
  copyRange: number;
}

/** What a configuration may say about a capture file. */
export const pcapSourceEntries = {
  path: described("The capture file.", text("a file's path")),
  copyRange: described(
    "Bytes kept of each packet from its network header on; 0 keeps all.",
    optional(wholeNumber(0, NFULNL_COPY_RANGE_MAX), 0),
  ),
} satisfies Entries & { [Name in keyof PcapSourceOptions]: unknown };
