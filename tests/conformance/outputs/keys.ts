/**
 * The outputs that print ulogd's keys, for the conformance suites.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { allOf, type OutputFixture, type Shown } from "./fixture.ts";

const BOUNDARY = "===>PACKET BOUNDARY";
/** Suffixes of the keys of ports; UDP-Lite and DCCP have none. */
const PORTS = ["tcp", "udp", "sctp"];

/** Returns the values of a record's keys; of those that two plugins set, the last one. */
function shown(pairs: readonly (readonly [string, string])[]): Shown {
  const values = new Map(pairs);
  const number = (name: string) => {
    const text = values.get(name);
    return text === undefined ? undefined : Number(text);
  };
  const port = (side: string) =>
    PORTS.map((protocol) => number(`${protocol}.${side}`)).find((value) => value !== undefined);
  return {
    time: number("oob.time.sec")! * 1e6 + number("oob.time.usec")!,
    prefix: values.get("oob.prefix"),
    in: values.get("oob.in"),
    out: values.get("oob.out"),
    source: address(values.get("ip.saddr.str")),
    destination: address(values.get("ip.daddr.str")),
    sourcePort: port("sport"),
    destinationPort: port("dport"),
    mark: number("oob.mark"),
    uid: number("oob.uid"),
    gid: number("oob.gid"),
    hook: number("oob.hook"),
  };
}

/** Returns an address in its shortest form. */
function address(text: string | undefined): string | undefined {
  return text?.includes(":") ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

function pairOf(text: string): readonly [string, string] {
  const [, key, value] = /^([\w.]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw new Error(`no key: ${text}`);
  return [key, value!];
}

function must(packet: RawPacket): Shown {
  const { isWhole, ...all } = allOf(packet);
  const { prefix, uid, gid, hook, mark = 0 } = all;
  const isFirst = packet.family === 10 || packet.family === 2;
  // Headers that are cut or wrong are printed as ulogd does; golden files have those.
  const hasHeaders = isFirst && isWhole && !endsAtIp(packet);
  return {
    time: timeOf(packet),
    ...{ prefix, uid, gid, hook, mark },
    // An unknown name is empty.
    in: all.in === "5" ? "" : all.in ?? "",
    out: all.out ?? "",
    ...hasHeaders && { source: address(all.source), destination: address(all.destination) },
  };
}

/** Microseconds since the Unix epoch, without a fraction. */
function timeOf({ seconds, nanoseconds, receivedSeconds, receivedNanoseconds }: RawPacket): number {
  return seconds > 0
    ? seconds * 1e6 + Math.floor(nanoseconds / 1000)
    : receivedSeconds * 1e6 + Math.floor(receivedNanoseconds / 1000);
}

/** Returns whether nothing follows the IP header, which ulogd then does not print. */
function endsAtIp({ bytes, payloadOffset: at, payloadLength, family }: RawPacket): boolean {
  return payloadLength <= (family === 10 ? 40 : (bytes[at]! & 15) * 4);
}

function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  return text;
}

const COMMON = {
  isText: true as const,
  place: (folder: string) => ({ path: `${folder}/out` }),
  shows: must,
  misfits: () => [],
};
const EXCEPTIONS = {
  "loss marks": "a record stands for a packet",
  unfit: "ulogd prints every packet",
};

/** The GPRINT output: keys in one line. */
export const gprint: OutputFixture = {
  ...COMMON,
  variants: [{}, { timestamp: true, label: 7, sequence: ["local", "global"] }],
  read(bytes, { timestamp }: Options) {
    return textOf(bytes).split("\n").slice(0, -1).map((line) => {
      // A value may hold commas, so that a pair begins with a key.
      const pairs = line.split(/,(?=[a-z0-9_.]+=)/).map(pairOf);
      const [first] = pairs[0]!;
      if ((first === "timestamp") !== (timestamp === true)) throw new Error(line);
      return shown(pairs);
    });
  },
  exceptions: () => EXCEPTIONS,
};

/** The OPRINT output: a key a line. */
export const oprint: OutputFixture = {
  ...COMMON,
  variants: [{}, { sequence: ["local"], label: 255 }],
  read(bytes) {
    const records: (readonly [string, string])[][] = [];
    for (const line of textOf(bytes).split("\n").slice(0, -1)) {
      if (line === BOUNDARY) records.push([]);
      else records.at(-1)!.push(pairOf(line));
    }
    return records.map(shown);
  },
  exceptions: () => EXCEPTIONS,
};

const DOCUMENT = /^<\?xml version="1\.0" encoding="utf-8"\?>\n<packet>\n([^]*)<\/packet>\n$/;

/** The XML output: an element a line; addresses and ports are in the payload. */
export const xml: OutputFixture = {
  ...COMMON,
  variants: [{}],
  read(bytes) {
    return textOf(bytes).split("\n").slice(0, -1).map((line) => {
      if (!/^<log>.*<\/log>$/.test(line)) throw new Error(`no element: ${line}`);
      const value = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(line)?.[1];
      const payload = value("payload");
      return {
        prefix: value("prefix"),
        mark: Number(value("mark") ?? 0),
        hook: value("hook") === undefined ? undefined : Number(value("hook")),
        payload,
        sourcePort: payload === undefined ? undefined : Number.parseInt(payload.slice(40, 44), 16),
      };
    });
  },
  readFile(bytes, options) {
    const [, body] = DOCUMENT.exec(textOf(bytes)) ?? [];
    if (body === undefined) throw new Error("the document is not closed");
    return xml.read(new TextEncoder().encode(body), options);
  },
  shows(packet) {
    const { prefix, mark = 0, payload } = allOf(packet);
    return { prefix, mark, payload };
  },
  exceptions: () => EXCEPTIONS,
};
