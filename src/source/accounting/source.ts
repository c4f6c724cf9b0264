/** The accounting source: counts of nfacct objects and of named counters of nftables. */

import { defineSource } from "../define.ts";
import { libcNeed } from "../libc_need.ts";
import { accountingEntries } from "./options.ts";
import type { AccountingReader } from "./reader.ts";

/** The accounting source. */
export default defineSource({
  type: "accounting",
  kind: "counter",
  entries: accountingEntries,
  identity: "netns",
  shorthand: {
    name: "accounting",
    key: "intervalSeconds",
    value: "N",
    help: "seconds between readings of nfacct objects and named counters",
    // A number alone is a group.
    like: /(?!)/,
    example: "10",
  },
  init: {
    remark: "seconds between two readings of the counters",
    value: "10",
    lines: "# reset = true                # each reading sets them to 0\n",
  },
  replaces: {
    plugin: "NFACCT",
    importer: async () => (await import("./import.ts")).importNfacct,
  },
  canWait: true,
  permissions: () => [libcNeed("netlink sockets")],
  keepsRights: () => "type",
  socketGroup: () => 0,
  feed: () => undefined,
  examiner: async () => (await import("./examine.ts")).accountingExaminer,
  async open(...options) {
    const { AccountingReader } = await import("./reader.ts");
    return await AccountingReader.open(...options);
  },
  adjust(reader, options) {
    (reader as AccountingReader).adjust(options);
  },
});
