/**
 * The options of a pcap output, for programs and configuration files.
 *
 * @module
 */

import { described, type Entries, oneOf, optional } from "../../schema.ts";
import { fileEntries, type FileOptions } from "../file/options.ts";

/** How records lie in a file. */
export type PcapFormat = "pcap" | "pcapng";

/** What a record begins with: the IP header, an Ethernet header, or NFLOG attributes. */
export type LinkType = "raw" | "ethernet" | "nflog";

/** The options of a pcap output, each with its value. */
export interface PcapOptions extends FileOptions {
  /** How records lie in the file. */
  format: PcapFormat;
  /** What a record begins with. */
  linkType: LinkType;
}

/** What a configuration may say under `[output.pcap]`. */
export const pcapEntries = {
  ...fileEntries,
  format: described(
    "pcap, or pcapng, which also holds interface names, prefix, mark, uid, gid, hook and what was lost.",
    optional(oneOf(["pcap", "pcapng"]), "pcap"),
  ),
  linkType: described(
    "raw: IPv4 and IPv6 only, from the IP header on; ethernet: everything, with a header; " +
      "nflog: everything, with all that the kernel told.",
    optional(oneOf(["raw", "ethernet", "nflog"]), "raw"),
  ),
} satisfies Entries & { [Name in keyof PcapOptions]: unknown };
