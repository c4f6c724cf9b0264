/** Options of a pcap output, for programs and configurations. */

import { described, type Entries, oneOf, optional, type OptionsOf } from "../../schema.ts";
import { fileEntries, type FileOptions } from "../file/options.ts";

/** File format. */
export type PcapFormat = "pcap" | "pcapng";

/** Options of the format. */
const formatEntries = {
  format: described(
    "pcap, or pcapng, which also holds interface names, prefix, mark, uid, gid, hook and what was lost.",
    optional(oneOf(["pcap", "pcapng"]), "pcap"),
  ),
  linkType: described(
    "raw: IPv4 and IPv6 only, from the IP header on; ethernet: everything, with a header; " +
      "nflog: everything, with all that the kernel sent.",
    optional(oneOf(["raw", "ethernet", "nflog"]), "raw"),
  ),
} satisfies Entries;

/** Options of a pcap output in a configuration. */
export const pcapEntries = { ...fileEntries, ...formatEntries };

/** Options of the format. */
export type PcapFormatOptions = OptionsOf<typeof formatEntries>;
/** Options of a pcap output. */
export type PcapOptions = FileOptions & PcapFormatOptions;
