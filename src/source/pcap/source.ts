/** The pcap source: packets of capture files. */

import { defineSource } from "../define.ts";
import { pcapSourceEntries, STANDARD_INPUT } from "./options.ts";

/** The pcap source. */
export default defineSource({
  type: "pcap",
  kind: "packet",
  entries: pcapSourceEntries,
  identity: "path",
  isReplayed: true,
  canWait: true,
  permissions: ({ path, follow }) =>
    [path].flat().filter((value) => value !== STANDARD_INPUT)
      // A growing file may be exchanged for another one.
      .map((value) => ({ name: "read", value, why: "the capture file", isKept: follow })),
  examiner: async () => (await import("./examine.ts")).pcapExaminer,
  async open(options, warn) {
    const { openCaptures } = await import("./series.ts");
    return await openCaptures(options, warn);
  },
});
