/** Head of syslog messages: priority, time, host, program. */

import type { RecordKind } from "../../record/kind.ts";
import { ascii } from "../../text/line.ts";
import { LineHead, shortName } from "../lines/head.ts";

/** Options of heads. */
export interface HeadOptions {
  /** Form of the messages. */
  format: "rfc5424" | "rfc3164";
  /** Number of the facility. */
  facility: number;
  /** Name of the program. */
  appName: string;
  /** Name of the host. */
  hostname: string;
  /** Whether heads name the host, which they do not on a local socket (RFC 3164 section 4.1). */
  namesHost: boolean;
}

/** The longest HOSTNAME (RFC 5424 section 6). */
const HOSTNAME_MAX = 255;
/** The most bytes of `<PRI>`, version and NILVALUE. */
export const PRIORITY_MAX = 16;

/** Returns `<PRI>` by severity, with the version of RFC 5424. */
export function priorities({ format, facility }: HeadOptions): readonly Uint8Array[] {
  return Array.from(
    { length: 8 },
    (_, level) => ascii(`<${facility * 8 + level}>${format === "rfc5424" ? "1 " : ""}`),
  );
}

/** Returns the head behind the priority. */
export function messageHead(
  { format, appName, hostname, namesHost }: HeadOptions,
  messageId: RecordKind,
): LineHead {
  const isNew = format === "rfc5424";
  const nameOf = (host: string) => {
    if (!namesHost) return "";
    return ` ${isNew ? host.slice(0, HOSTNAME_MAX) || "-" : shortName(host)}`;
  };
  // PROCID is NILVALUE: a restarted process is the same logger.
  return isNew
    ? new LineHead("rfc3339", hostname, (host) => `${nameOf(host)} ${appName} - ${messageId} `)
    : new LineHead("syslog", hostname, (host) => `${nameOf(host)} ${appName}: `);
}
