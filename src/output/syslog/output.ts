/** The syslog output: a message a packet, to this host's syslog or to a server. */

import { defineOutput } from "../define.ts";
import { hostnameNeeds, withHostname } from "../host_name.ts";
import { SEVERITIES } from "../lines/severity.ts";
import { completeRemote, remoteNeeds } from "../remote/options.ts";
import { sessionOfRun } from "../session.ts";
import {
  FACILITIES,
  syslogEntries,
  type SyslogOptions,
  syslogProblems,
  syslogReceiver,
} from "./options.ts";

/** Returns the form of the messages: local receivers expect that of RFC 3164. */
function formatOf(options: Pick<SyslogOptions, "format" | "url">): "rfc5424" | "rfc3164" {
  return options.format ?? (syslogReceiver(options).kind === "unix" ? "rfc3164" : "rfc5424");
}

/** The syslog output. */
export default defineOutput({
  type: "syslog",
  kinds: ["packet", "flow", "counter"],
  entries: syslogEntries,
  buffering: "queue",
  shorthand: {
    value: "URL",
    key: "url",
    help: "send syslog messages, as in udp://log.example or unix:///dev/log",
    example: "udp://log.example",
    like: /^(udp|unix):\/\//,
  },
  init: {
    purpose: "a syslog message a record",
    value: "unix:///dev/log",
    isOffered: false,
    question: "The syslog server",
    lines: `# facility = "local0"
# spool = "spool"              # messages wait there for the server
`,
  },
  replaces: {
    plugin: "SYSLOG",
    importer: async () => (await import("./import.ts")).importSyslog,
  },
  problems: syslogProblems,
  complete: (options) => ({
    ...completeRemote(withHostname(options, "syslog messages")),
    session: sessionOfRun(),
  }),
  unopened: (options) => ({ hostname: "", session: sessionOfRun(), ...options }),
  permissions: (options) => [
    ...remoteNeeds(options, syslogReceiver(options)),
    ...hostnameNeeds(options, "messages"),
  ],
  examine: async (options, examination) =>
    (await import("../remote/examine.ts")).examineReceiver(
      syslogReceiver(options),
      options,
      examination,
    ),
  sandboxOptions(options) {
    const { dialect, logOptions, facility, severity, appName, hostname, session } = options;
    const format = formatOf(options);
    const isLocal = format === "rfc3164" && syslogReceiver(options).kind === "unix";
    return {
      ...{ dialect, logOptions, message: options.message, format },
      facility: FACILITIES.indexOf(facility),
      ...severity !== "action" && { severity: SEVERITIES.indexOf(severity) },
      ...{ appName, hostname, session, namesHost: !isLocal },
      structuredData: options.structuredData,
    };
  },
  async open(options) {
    const { openRemote } = await import("../remote/open.ts");
    const { LINES, OCTET_COUNTING } = await import("../remote/framing.ts");
    const framing = options.framing === "octet-counting" ? OCTET_COUNTING : LINES;
    return openRemote(syslogReceiver(options), options, { framing });
  },
});
