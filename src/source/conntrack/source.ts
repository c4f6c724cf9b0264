/** The conntrack source: flows that connection tracking follows. */

import { defineSource } from "../define.ts";
import { libcNeed } from "../libc_need.ts";
import { conntrackEntries } from "./options.ts";
import type { ConntrackReader } from "./reader.ts";

/** The conntrack source. */
export default defineSource({
  type: "conntrack",
  kind: "flow",
  entries: conntrackEntries,
  identity: "netns",
  shorthand: {
    name: "conntrack",
    key: "events",
    value: "LIST",
    help: "events of connection tracking: new, update, destroy",
    like: /^(new|update|destroy)\b/,
    example: "destroy",
  },
  init: {
    remark: "one record a flow, at its end; also new, update",
    value: "destroy",
    natLog: "new,destroy",
    lines: "# buffer_size = 33_554_432     # bytes held while nfscribe is busy\n",
  },
  replaces: {
    plugin: "NFCT",
    importer: async () => (await import("./import.ts")).importNfct,
  },
  canWait: false,
  permissions: () => [libcNeed("netlink sockets")],
  keepsRights: ({ pollSeconds, interimSeconds, reconcile }) => {
    if (pollSeconds !== undefined) return "poll_seconds";
    return interimSeconds !== undefined ? "interim_seconds" : reconcile ? "reconcile" : undefined;
  },
  socketGroup: () => 0,
  feed: () => undefined,
  // A flow that a part of a dump lacks has not ended.
  sampled: (options) =>
    options.pollSeconds === undefined ? { ...options, reconcile: false } : undefined,
  examiner: async () => (await import("./examine.ts")).conntrackExaminer,
  async open(...options) {
    const { ConntrackReader } = await import("./reader.ts");
    return await ConntrackReader.open(...options);
  },
  adjust(reader, options, warn) {
    (reader as ConntrackReader).adjust(options, warn);
  },
});
