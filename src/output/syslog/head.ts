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
  const name = isNew ? hostname || "-" : shortName(hostname);
  const host = namesHost ? ` ${name}` : "";
  // PROCID is NILVALUE: a restarted process is the same logger.
  return isNew
    ? new LineHead("rfc3339", `${host} ${appName} - ${messageId} `)
    : new LineHead("syslog", `${host} ${appName}: `);
}
