/** The IPFIX output: flows for a collector (RFC 7011, RFC 5103, RFC 8158). */

import { defineOutput } from "../define.ts";
import { completeRemote, remoteNeeds } from "../remote/options.ts";
import { ipfixEntries, ipfixProblems, ipfixReceiver } from "./options.ts";

/** The IPFIX output. */
export default defineOutput({
  type: "ipfix",
  kinds: ["flow"],
  entries: ipfixEntries,
  buffering: "queue",
  shorthand: {
    value: "URL",
    key: "url",
    help: "send flows to an IPFIX collector, as in udp://collector.example",
    example: "udp://collector.example",
    like: /^udp:\/\//,
  },
  init: {
    purpose: "flows for an IPFIX collector",
    value: "udp://collector.example",
    isOffered: false,
    question: "The collector",
    lines: `# nat_events = true            # translations are records of their own, too
`,
  },
  replaces: {
    plugin: "IPFIX",
    importer: async () => (await import("./import.ts")).importIpfix,
  },
  problems: ipfixProblems,
  complete: (options) => completeRemote(options),
  unopened: (options) => options,
  permissions: (options) => remoteNeeds(options, ipfixReceiver(options)),
  examine: async (options, examination) =>
    (await import("../remote/examine.ts")).examineReceiver(
      ipfixReceiver(options),
      options,
      examination,
    ),
  sandboxOptions: ({ events, natEvents, counters, times }) => ({
    ...{ events, natEvents, counters, times },
  }),
  async open(options) {
    const { openRemote } = await import("../remote/open.ts");
    const { connectionFraming, messageDatagrams } = await import("./session.ts");
    return openRemote(ipfixReceiver(options), options, {
      framing: connectionFraming(options),
      datagrams: messageDatagrams(options),
    });
  },
});
