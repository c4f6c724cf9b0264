/** The Graphite output: counts of accounting objects in Carbon's plaintext protocol. */

import { defineOutput } from "../define.ts";
import { completeRemote, remoteNeeds } from "../remote/options.ts";
import { graphiteEntries, graphiteProblems, graphiteReceiver } from "./options.ts";

/** The Graphite output. */
export default defineOutput({
  type: "graphite",
  kinds: ["counter"],
  entries: graphiteEntries,
  buffering: "queue",
  shorthand: {
    value: "URL",
    key: "url",
    help: "send counters to Graphite, as in tcp://graphite.example",
    example: "tcp://graphite.example",
    like: /(?!)/,
  },
  init: {
    purpose: "counters of nfacct and nftables in Graphite",
    value: "tcp://127.0.0.1:2003",
    isOffered: false,
    question: "The Graphite server",
    lines: `# prefix = "servers.fw1"
# spool = "spool"              # counts wait there for the server
`,
  },
  replaces: {
    plugin: "GRAPHITE",
    importer: async () => (await import("./import.ts")).importGraphite,
  },
  problems: graphiteProblems,
  complete: (options) => completeRemote(options),
  unopened: (options) => options,
  permissions: (options) => remoteNeeds(options, graphiteReceiver(options)),
  examine: async (options, examination) =>
    (await import("../remote/examine.ts")).examineReceiver(
      graphiteReceiver(options),
      options,
      examination,
    ),
  sandboxOptions: ({ prefix, counts }) => ({ prefix, counts }),
  async open(options) {
    const { openRemote } = await import("../remote/open.ts");
    return openRemote(graphiteReceiver(options), options);
  },
});
