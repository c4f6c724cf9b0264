/**
 * The LOGEMU output for the conformance suites: lines are taken apart by their keys.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { rawPacket } from "../../packet/sample.ts";
import { allOf, type OutputFixture, type Shown } from "./fixture.ts";

/** `NFPROTO_NETDEV` (linux/netfilter.h) */
const NFPROTO_NETDEV = 5;
/** Months as syslog names them. */
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
const SYSLOG = /^(\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) gate /;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d) gate /;

function shown(line: string): Shown {
  const time = timeOf(line);
  const rest = line.replace(SYSLOG, "").replace(RFC3339, "").replace(/^kernel: /, "");
  const prefix = /^(.*?) *IN=/.exec(rest)?.[1];
  if (prefix === undefined) throw new Error(`a line without IN=: ${line}`);
  // ulogd writes no space behind INCOMPLETE.
  const field = (name: string) => new RegExp(`(?:[^A-Z]|INCOMPLETE)${name}=(\\S*)`).exec(rest)?.[1];
  const number = (name: string, base = 10) => {
    const text = field(name);
    return text === undefined ? undefined : Number.parseInt(text, base);
  };
  return {
    time,
    prefix,
    in: /IN=(\S*)/.exec(rest)![1],
    out: field("OUT"),
    source: address(field("SRC")),
    destination: address(field("DST")),
    sourcePort: number("SPT"),
    destinationPort: number("DPT"),
    length: number("LEN"),
    mark: number("MARK", 16),
    uid: number("UID"),
    gid: number("GID"),
  };
}

/** Microseconds since the Unix epoch; syslog's form has no year, so that it stands for 2000. */
function timeOf(line: string): number {
  const precise = RFC3339.exec(line)?.[1];
  if (precise !== undefined) {
    return Date.parse(precise.replace(/\.\d+/, "")) * 1000 + Number(/\.(\d{6})/.exec(precise)![1]);
  }
  const [, month, ...words] = SYSLOG.exec(line) ?? [];
  if (month === undefined) throw new Error(`a line without a head: ${line}`);
  const [day, hour, minute, second] = words.map(Number);
  return new Date(2000, MONTHS.split(" ").indexOf(month), day, hour, minute, second).getTime() *
    1000;
}

/** Writes an address in the shortest form. */
function address(text: string | undefined): string | undefined {
  return text?.includes(":") ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

/** Moves a time into the year that a line of syslog's form stands for, without a fraction. */
function inNoYear(time: number): number {
  const date = new Date(Math.floor(time / 1e6) * 1000);
  return date.setFullYear(2000) * 1000;
}

/** The LOGEMU output. */
export const logemu: OutputFixture = {
  isText: true,
  variants: [
    ...["ulogd2", "ulogd1", "kernel"].flatMap((dialect) =>
      ["syslog", "rfc3339"].map((format) => ({ dialect, time_format: format, hostname: "gate" }))
    ),
    {
      dialect: "kernel",
      log_options: ["tcp-sequence", "tcp-options", "ip-options", "uid", "macdecode"],
      hostname: "gate",
    },
  ],
  place: (folder) => ({ path: `${folder}/out` }),
  read(bytes) {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
    return text.split("\n").slice(0, -1).map(shown);
  },
  shows(packet: RawPacket, { dialect, timeFormat, logOptions }: Options) {
    const { isWhole, ...all } = allOf(packet);
    const isIp = packet.family !== 3;
    const head = {
      time: timeFormat === "syslog" ? inNoYear(all.time!) : all.time,
      prefix: (all.prefix ?? "").trimEnd(),
      // ulogd leaves an interface out whose name it does not know.
      in: dialect !== "kernel" && all.in === "5" ? "" : all.in ?? "",
      out: all.out ?? "",
    };
    // Headers that are cut or wrong are printed as ulogd and the kernel do; golden files have those.
    const { sourcePort, destinationPort } = all;
    const [source, destination] = [address(all.source), address(all.destination)];
    const hasPorts = isWhole && sourcePort !== undefined && TCP_UDP.includes(protocolOf(packet));
    const headers = {
      ...isIp && isWhole && !hasNone(packet) && { source, destination },
      ...hasPorts && !isLaterFragment(packet) && { sourcePort, destinationPort },
    };
    if (dialect === "kernel") {
      const owner = (logOptions as string[]).includes("uid") && hasPorts
        ? { uid: all.uid, gid: all.gid }
        : {};
      return { ...head, ...headers, ...owner };
    }
    const { uid, gid, mark = 0 } = all;
    return { ...head, ...headers, ...dialect === "ulogd2" && { uid, gid, mark } };
  },
  misfits: ({ dialect }) =>
    dialect === "kernel" ? [] : [rawPacket(new Uint8Array(28), { family: NFPROTO_NETDEV })],
  readFile(bytes, options) {
    // A line that a crash has cut off stays, and gets its end.
    const lines = new TextDecoder().decode(bytes).split(/(?<=\n)/);
    const whole = lines.filter((line) => line.includes(" SPT="));
    return logemu.read(new TextEncoder().encode(whole.join("")), options);
  },
  exceptions: ({ dialect }) => ({
    "loss marks": "a line of text stands for a packet",
    ...dialect === "kernel" && { unfit: "the kernel prints every packet" },
  }),
};

const TCP_UDP: readonly number[] = [6, 17];

function protocolOf({ bytes, payloadOffset: at, family }: RawPacket): number {
  return bytes[at + (family === 10 ? 6 : 9)]!;
}

function isLaterFragment({ bytes, payloadOffset: at, family }: RawPacket): boolean {
  return family === 2 && ((bytes[at + 6]! & 0x1f) !== 0 || bytes[at + 7] !== 0);
}

/** Returns whether nothing follows the IP header, which ulogd then does not print. */
function hasNone({ bytes, payloadOffset: at, payloadLength, family }: RawPacket): boolean {
  return payloadLength <= (family === 10 ? 40 : (bytes[at]! & 15) * 4);
}
