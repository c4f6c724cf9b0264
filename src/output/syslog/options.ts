/** Options of a syslog output in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  text,
  useless,
  yesOrNo,
} from "../../schema.ts";
import { dialectEntries, dialectProblems } from "../lines/options.ts";
import { SEVERITIES } from "../lines/severity.ts";
import { connectionEntries, remoteProblems } from "../remote/options.ts";
import { type Protocol, type Receiver, receiverOf } from "../remote/url.ts";

/** Facilities (RFC 5424 section 6.2.1), by their number. */
export const FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "clock",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;

/** Options of a syslog output. */
export const syslogEntries = {
  url: described(
    "The receiver: unix:///dev/log (the default), udp://HOST, tcp://HOST or tls://HOST, with :PORT " +
      "if it is not 514 or, for tls, 6514.",
    optional(text("a URL, as in udp://log.example"), "unix:///dev/log"),
  ),
  format: described(
    "Form of the messages: rfc5424, or rfc3164, which is the default for a Unix socket.",
    omittable(oneOf(["rfc5424", "rfc3164"])),
  ),
  framing: described(
    "Framing over TCP and TLS: octet-counting (RFC 6587, RFC 5425), or a newline behind each message.",
    optional(oneOf(["octet-counting", "newline"]), "octet-counting"),
  ),
  facility: described("Facility of the messages.", optional(oneOf(FACILITIES), "user")),
  severity: described(
    "Severity of the messages; action: warning for dropped and rejected packets, info for accepted " +
      "and logged ones, notice where [actions] names none.",
    optional(oneOf(["action", ...SEVERITIES]), "action"),
  ),
  appName: described("Name of the program in the messages.", optional(text("a name"), "nfscribe")),
  message: described(
    "Contents of the messages: a line in a dialect, json (the structured form, as of the JSON output), " +
      "or none beside structured data.",
    optional(oneOf(["line", "json", "none"]), "line"),
  ),
  structuredData: described(
    "Whether messages of rfc5424 about packets and flows have an element with the top of the structured form.",
    optional(yesOrNo(), false),
  ),
  hostname: described(
    "Host name in the messages; this host's name if left out.",
    omittable(text("a host's name")),
  ),
  ...dialectEntries,
  ...connectionEntries,
} satisfies Entries;

/** Options as they are checked. */
export type SyslogOptions = OptionsOf<typeof syslogEntries>;
const PROTOCOLS: readonly Protocol[] = ["unix", "udp", "tcp", "tls"];
/** Ports of RFC 5426, RFC 6587 and RFC 5425. */
const PORTS = { udp: 514, tcp: 514, tls: 6514 } as const;

/** Returns the receiver of checked options. */
export function syslogReceiver({ url }: Pick<SyslogOptions, "url">): Receiver {
  return receiverOf(url, PROTOCOLS, PORTS);
}

/** Returns problems of options that are valid one by one. */
export function syslogProblems(options: Partial<SyslogOptions>): ConfigProblem[] {
  const { appName = "", hostname = "", url, format, message = "line", structuredData } = options;
  const problems = [...remoteProblems(options, PROTOCOLS, PORTS), ...dialectProblems(options)];
  // PRINTUSASCII (RFC 5424 section 6): no spaces, and a colon ends the tag of RFC 3164.
  if (!/^[!-9;-~]{1,48}$/.test(appName)) {
    problems.push({
      key: "app_name",
      message: "must be at most 48 printable ASCII characters without spaces and colons",
    });
  }
  if (hostname !== "" && !/^[!-~]{1,255}$/.test(hostname)) {
    problems.push({ key: "hostname", message: "must be printable ASCII without spaces" });
  }
  const isLocal = url?.startsWith("unix:") === true;
  const isOld = (format ?? (isLocal ? "rfc3164" : "rfc5424")) === "rfc3164";
  if (structuredData && isOld) {
    problems.push({
      key: "structured_data",
      message: 'is a part of RFC 5424 only; add format = "rfc5424", or leave it out',
    });
  }
  if (message === "none" && !structuredData) {
    problems.push({
      key: "message",
      message: 'is "none", and nothing else holds the packet; add structured_data = true',
    });
  }
  if (message !== "line") {
    problems.push(
      ...useless(syslogEntries, options, ["dialect", "logOptions"], 'is for message = "line"'),
    );
  }
  return problems;
}
