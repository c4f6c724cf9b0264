/** The ULOG source: packets of a netlink group. */

import { defineSource } from "../define.ts";
import { libcNeed } from "../libc_need.ts";
import { NETLINK_NFLOG } from "./constants.ts";
import { ulogEntries } from "./options.ts";

/** The ULOG source. */
export default defineSource({
  type: "ulog",
  kind: "packet",
  entries: ulogEntries,
  identity: "group",
  canWait: false,
  replaces: {
    plugin: "ULOG",
    importer: async () => (await import("./import.ts")).importUlog,
  },
  permissions: () => [libcNeed("netlink sockets")],
  socketGroup: ({ group }) => group,
  feed: ({ netlinkFamily, group, copyRange, netns }) =>
    netlinkFamily === NETLINK_NFLOG
      ? { target: "ULOG", group, copyRange, ...netns !== undefined && { netns } }
      : undefined,
  examiner: async () => (await import("./examine.ts")).ulogExaminer,
  async open(...options) {
    const { UlogReader } = await import("./reader.ts");
    return await UlogReader.open(...options);
  },
});
