/**
 * The syslog output for the conformance suites: headers are taken off, the rest is a LOGEMU line.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import type { OutputFixture } from "./fixture.ts";
import { logemu } from "./logemu.ts";

/** `<PRI>1 TIME HOST APP - packet SD MSG` (RFC 5424 section 6) */
const NEW = /^<(\d+)>1 (\S+) gate fw - packet (?:-|\[.*?(?<!\\)\]) (.*)$/;
/** `<PRI>TIME HOST TAG: MSG` (RFC 3164 section 4.1) */
const OLD = /^<(\d+)>(\w{3} [ \d]\d [\d:]{8}) gate fw: (.*)$/;

/** Returns options of the LOGEMU lines that messages hold. */
function lineOptions({ dialect, logOptions, format }: Options): Options {
  return { dialect, logOptions, timeFormat: format === "rfc3164" ? "syslog" : "rfc3339" };
}

/** The syslog output. */
export const syslog: OutputFixture = {
  variants: [
    { format: "rfc5424" },
    { format: "rfc5424", structured_data: true, dialect: "kernel" },
    { format: "rfc3164", severity: "warning", framing: "newline" },
  ].map((table) => ({ ...table, hostname: "gate", app_name: "fw" })),
  place: () => ({ url: "tcp://127.0.0.1:514" }),
  read(bytes, options) {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const lines = text.split("\n").slice(0, -1).map((message) => {
      const [, priority, time, line] = NEW.exec(message) ?? OLD.exec(message) ?? [];
      if (Number(priority) >> 3 !== 1) throw new Error(`no message of facility user: ${message}`);
      return `${time} gate ${options.dialect === "kernel" ? "kernel: " : ""}${line}\n`;
    });
    return logemu.read(new TextEncoder().encode(lines.join("")), lineOptions(options));
  },
  shows: (packet: RawPacket, options) => logemu.shows(packet, lineOptions(options)),
  server: "tests/system/syslog_conformance_test.ts",
  misfits: (options) => logemu.misfits(lineOptions(options)),
  exceptions: (options) => ({
    ...logemu.exceptions(lineOptions(options)),
    "torn end": "there is no file",
    reopen: "there is no file to move",
    "slow reader": "there is no pipe; slow receivers have their own tests",
    "full disk": "there is no file; the spool has its own tests",
    kill: "messages that were sent may be sent again",
  }),
};
