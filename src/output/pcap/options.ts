/**
 * The options of a pcap output, for programs and configuration files.
 *
 * @module
 */

import { described, type Entries, optional, text, yesOrNo } from "../../schema.ts";

/** The options of a pcap output, each with its value. */
export interface PcapOptions {
  /** The file; `-` is standard output. */
  path: string;
  /** Whether every batch reaches the file at once, so that `tail -f` shows it. */
  sync: boolean;
}

/** What a configuration may say under `[output.pcap]`. */
export const pcapEntries = {
  path: described(
    "The file; - is standard output.",
    text("a file's path, or - for standard output"),
  ),
  sync: described(
    "Whether every batch reaches the file at once, so that `tail -f` works.",
    optional(yesOrNo(), true),
  ),
} satisfies Entries & { [Name in keyof PcapOptions]: unknown };
