/** The pcap output: files for tcpdump and Wireshark. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { fileProblems } from "../file/options.ts";
import { pcapEntries } from "./options.ts";

/** The pcap output. */
export default defineOutput({
  type: "pcap",
  kinds: ["packet"],
  entries: pcapEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write a pcap file; - is standard output",
    example: "trace.pcap",
    like: /\.pcap(ng)?(\.gz)?$/,
    letter: "w",
  },
  init: {
    purpose: "packets, for tcpdump and Wireshark",
    value: "nfscribe.pcap",
    isOffered: true,
    lines: `# format = "pcapng"            # with interfaces, prefixes and losses
# rotate_size = 100_000_000    # bytes; the next file begins then
# rotate_keep = 10             # rotated files that are kept
`,
  },
  replaces: {
    plugin: "PCAP",
    importer: async () => (await import("./import.ts")).importPcap,
  },
  problems: fileProblems,
  complete: (options) => options,
  unopened: (options) => options,
  permissions: fileNeeds,
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: ({ format, linkType }) => ({ format, linkType }),
  async open(options, { warn }) {
    const { openPcapWriter } = await import("./writer.ts");
    return await openPcapWriter(options, warn);
  },
});
