/** The NFLOG source: packets of a netlink group. */

import { defineSource } from "../define.ts";
import { libcNeed } from "../libc_need.ts";
import type { NflogReader } from "./reader.ts";
import { DEFAULT_QUEUE_THRESHOLD, nflogEntries, nflogGroups } from "./options.ts";

/** The NFLOG source. */
export default defineSource({
  type: "nflog",
  kind: "packet",
  entries: nflogEntries,
  identity: "group",
  several: { name: "groups", schema: nflogGroups },
  shorthand: {
    name: "group",
    value: "N",
    help: "NFLOG group of the rule, 0 to 65535",
    like: /^\d+$/,
    example: "1",
    letter: "i",
  },
  init: {
    remark: "the number that the firewall's rule names",
    value: "1",
    question: "Group that the firewall's rule names, 0 to 65535",
    lines: "# buffer_size = 8388608        # bytes held while nfscribe is busy\n",
  },
  canWait: false,
  replaces: {
    plugin: "NFLOG",
    importer: async () => (await import("./import.ts")).importNflog,
  },
  permissions: () => [libcNeed("netlink sockets")],
  socketGroup: ({ group }) => group,
  feed: ({ group, copyRange, queueThreshold, netns }) => ({
    target: "NFLOG",
    group,
    copyRange,
    // A rule that repeats the default would hold back a larger one that is configured later.
    ...queueThreshold !== DEFAULT_QUEUE_THRESHOLD && { queueThreshold },
    ...netns !== undefined && { netns },
  }),
  examiner: async () => (await import("./examine.ts")).nflogExaminer,
  async open(...options) {
    const { NflogReader } = await import("./reader.ts");
    return await NflogReader.open(...options);
  },
  adjust(reader, options, warn) {
    (reader as NflogReader).adjust(options, warn);
  },
});
