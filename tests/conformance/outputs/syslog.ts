/**
 * The syslog output for the conformance suites: headers are taken off, the rest is a LOGEMU line.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Options } from "../../../src/definition.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { type OutputFixture, pairsOf, type Shown, shownPairs } from "./fixture.ts";
import { json } from "./json.ts";
import { logemu } from "./logemu.ts";
import { ascii } from "../../../src/text/line.ts";

/** `<PRI>1 TIME HOST APP - packet SD MSG` (RFC 5424 section 6) */
const NEW = /^<(\d+)>1 (\S+) gate fw - packet (-|\[.*?(?<!\\)\]) (.*)$/;
/** `NAME="VALUE"` in structured data (RFC 5424 section 6.3.3) */
const PARAMETER = / ([a-zA-Z]+)="((?:[^"\\\]]|\\["\\\]])*)"/g;
/** `<PRI>TIME HOST TAG: MSG` (RFC 3164 section 4.1) */
const OLD = /^<(\d+)>(\w{3} [ \d]\d [\d:]{8}) gate fw: (.*)$/;

/** Returns options of the LOGEMU lines that messages hold. */
function lineOptions({ dialect, logOptions, format }: Options): Options {
  return { dialect, logOptions, timeFormat: format === "rfc3164" ? "syslog" : "rfc3339" };
}

/** Takes an element of structured data apart. */
export function pairsIn(element: string): Record<string, string> {
  const pairs = [...element.matchAll(PARAMETER)];
  const text = pairs.map(([all]) => all).join("");
  if (element !== `[nfscribe@32473${text}]`) throw new Error(`no element: ${element}`);
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value!.replace(/\\(.)/g, "$1")]));
}

/** Reads a message whose head is right. */
function shown(message: string, options: Options): Shown {
  const isOld = options.format === "rfc3164";
  const [, priority, time, data, text] = isOld
    ? OLD.exec(message)?.toSpliced(3, 0, "-") ?? []
    : NEW.exec(message) ?? [];
  if (Number(priority) >> 3 !== 1) throw new Error(`no message of facility user: ${message}`);
  if (options.message === "json") return json.read(ascii(`${text}\n`), { format: "nfscribe" })[0]!;
  if (options.message === "none" && text !== "") throw new Error(`behind the data: ${text}`);
  if (options.message === "none") return shownPairs(pairsIn(data!));
  const line = `${time} gate ${options.dialect === "kernel" ? "kernel: " : ""}${text}\n`;
  const [read] = logemu.read(ascii(line), lineOptions(options));
  if (options.structuredData) {
    assertEquals((shownPairs(pairsIn(data!)).prefix ?? "").trimEnd(), read!.prefix);
  }
  return read!;
}

/** The syslog output. */
export const syslog: OutputFixture = {
  isText: true,
  variants: [
    { format: "rfc5424" },
    { format: "rfc5424", structured_data: true, dialect: "kernel" },
    { format: "rfc3164", severity: "warning", framing: "newline" },
    { format: "rfc5424", message: "json" },
    { format: "rfc3164", message: "json" },
    { format: "rfc5424", message: "none", structured_data: true },
  ].map((table) => ({ ...table, hostname: "gate", app_name: "fw" })),
  place: () => ({ url: "tcp://127.0.0.1:514" }),
  read(bytes, options) {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.split("\n").slice(0, -1).map((message) => shown(message, options));
  },
  shows(packet: RawPacket, options) {
    if (options.message === "json") return json.shows(packet, { format: "nfscribe" });
    if (options.message === "none") return pairsOf(packet);
    return logemu.shows(packet, lineOptions(options));
  },
  server: "tests/system/syslog_conformance_test.ts",
  misfits: (options) => options.message === "line" ? logemu.misfits(lineOptions(options)) : [],
  exceptions: (options) => ({
    ...options.message === "line"
      ? logemu.exceptions(lineOptions(options))
      : { unfit: "there is a message for every packet" },
    "loss marks": "a message stands for a packet",
    "torn end": "there is no file",
    reopen: "there is no file to move",
    "slow reader": "there is no pipe; slow receivers have their own tests",
    "full disk": "there is no file; the spool has its own tests",
    kill: "messages that were sent may be sent again",
  }),
};
