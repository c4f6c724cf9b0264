/**
 * A fixture of flows for each type of output that accepts them; a new output is one line here.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Options } from "../../../src/definition.ts";
import { Flow } from "../../../src/flow/flow.ts";
import type { RawFlow } from "../../../src/flow/raw_flow.ts";
import { MessageBuilder } from "../../../src/output/ipfix/messages.ts";
import { cutRows, describeRow } from "../../../src/output/table/parse_row.ts";
import { IpfixReader, type Values } from "../../output/ipfix/reader.ts";
import { micros, type Shown } from "./fixture.ts";
import { bodiesOf } from "./nats.ts";
import { pairsIn } from "./syslog.ts";

/** Flows of one type of output, as the suites use them. */
export interface FlowFixture {
  /** Tables of a configuration; those of its other fixture if left out. */
  variants?: readonly Readonly<Record<string, unknown>>[];
  /** Reads records, by code apart from the encoder's. */
  read(bytes: Uint8Array, options: Options): Shown[];
  /** Returns the part of a flow that a record must show; undefined where the options leave it out. */
  shows(flow: RawFlow, options: Options): Shown | undefined;
}

/** Returns what records show that have both directions. */
function allOf(raw: RawFlow): Shown {
  const { source, destination, sourcePort, destinationPort, original, reply } = new Flow(raw);
  return {
    ...{ source, destination, sourcePort, destinationPort },
    packets: original.packets,
    bytes: original.bytes,
    replyPackets: reply?.packets,
    replyBytes: reply?.bytes,
  };
}

/** Returns the same with 0 for unknown numbers. */
function zeroed(raw: RawFlow): Shown {
  const { source, destination, ...numbers } = allOf(raw);
  const known = Object.entries(numbers).map(([name, value]) => [name, value ?? 0]);
  return { source, destination, ...Object.fromEntries(known) };
}

function linesOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  return text.split("\n").slice(0, -1);
}

/** Returns an address in its shortest form. */
function address(text: string): string {
  return text.includes(":") ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

const SIDE =
  /SRC=(?<source>\S+) DST=(?<destination>\S+) PROTO=\w+ (?:SPT=(?<sourcePort>\d+) DPT=(?<destinationPort>\d+) |TYPE=\d+ CODE=\d+ )?PKTS=(?<packets>\d+) BYTES=(?<bytes>\d+) ?$/;

/** Reads `[DESTROY] ORIG: …, REPLY: …`. */
function lineShown(line: string): Shown {
  const [, original, reply] = /\[[A-Z]+\] ORIG: (.*), REPLY: (.*)$/.exec(line) ?? [];
  const sides = [original, reply].map((side) => SIDE.exec(side ?? "")?.groups);
  if (sides.includes(undefined)) throw new Error(`no line of a flow: ${line}`);
  const [one, other] = sides as Record<string, string | undefined>[];
  const port = (text: string | undefined) => text === undefined ? undefined : Number(text);
  return {
    source: address(one!.source!),
    destination: address(one!.destination!),
    sourcePort: port(one!.sourcePort),
    destinationPort: port(one!.destinationPort),
    packets: Number(one!.packets),
    bytes: Number(one!.bytes),
    replyPackets: Number(other!.packets),
    replyBytes: Number(other!.bytes),
  };
}

/** Lines of LOGEMU have ports of TCP and UDP only. */
function lineShows(raw: RawFlow): Shown {
  const hasPorts = [6, 17].includes(raw.original.protocol);
  const { sourcePort, destinationPort, ...rest } = zeroed(raw);
  return { ...rest, ...hasPorts && { sourcePort, destinationPort } };
}

// deno-lint-ignore no-explicit-any -- what a format has is for the suite to find out
type Line = Record<string, any>;

function jsonShown({ original, reply, time }: Line): Shown {
  const { source, sourcePort, destination, destinationPort, packets, bytes } = original;
  return {
    time: micros(time),
    ...{ source, sourcePort, destination, destinationPort, packets, bytes },
    ...{ replyPackets: reply?.packets, replyBytes: reply?.bytes },
  };
}

const JSON_READERS: Readonly<Record<string, (line: Line) => Shown>> = {
  nfscribe: jsonShown,
  ecs: ({ source, destination }) => ({
    ...{ source: source.ip, sourcePort: source.port, packets: source.packets, bytes: source.bytes },
    ...{ destination: destination.ip, destinationPort: destination.port },
    ...{ replyPackets: destination.packets, replyBytes: destination.bytes },
  }),
  ocsf: ({ src_endpoint, dst_endpoint, traffic }) => ({
    ...{ source: src_endpoint.ip, sourcePort: src_endpoint.port },
    ...{ destination: dst_endpoint.ip, destinationPort: dst_endpoint.port },
    ...{ packets: traffic?.packets_out, bytes: traffic?.bytes_out },
    ...{ replyPackets: traffic?.packets_in, replyBytes: traffic?.bytes_in },
  }),
};

const timeOf = (raw: RawFlow): Shown => ({ ...allOf(raw), time: new Flow(raw).time });

/** Reads keys of ulogd, which it prints as numbers even where they are unknown. */
function keysShown(pairs: readonly string[]): Shown {
  const values = new Map(pairs.map((pair) => pair.split("=", 2) as [string, string]));
  const number = (name: string) => {
    const text = values.get(name);
    return text === undefined ? undefined : Number(text);
  };
  return {
    source: address(values.get("orig.ip.saddr.str")!),
    destination: address(values.get("orig.ip.daddr.str")!),
    sourcePort: number("orig.l4.sport"),
    destinationPort: number("orig.l4.dport"),
    packets: number("orig.raw.pktcount"),
    bytes: number("orig.raw.pktlen"),
    replyPackets: number("reply.raw.pktcount"),
    replyBytes: number("reply.raw.pktlen"),
  };
}

/** Ports are absent among keys where a flow has none. */
function keysShow(raw: RawFlow): Shown {
  const { sourcePort, destinationPort } = new Flow(raw);
  return { ...zeroed(raw), sourcePort, destinationPort };
}

const SYSLOG_NEW = /^<\d+>1 \S+ gate fw - flow (?:-|(?<data>\[.*?(?<!\\)\])) (?<text>.*)$/;
const SYSLOG_OLD = /^<\d+>\w{3} [ \d]\d [\d:]{8} gate fw: (?<text>.*)$/;

function xmlShown(line: string): Shown {
  const [, original, reply] =
    /^<flow><meta direction="original">(.*?)<\/meta><meta direction="reply">(.*?)<\/meta>.*<\/flow>$/
      .exec(line) ?? [];
  if (original === undefined) throw new Error(`no element of a flow: ${line}`);
  const value = (side: string, name: string) =>
    new RegExp(`<${name}>(.*?)</${name}>`).exec(side)?.[1];
  const number = (side: string, name: string) => {
    const text = value(side, name);
    return text === undefined ? undefined : Number(text);
  };
  return {
    source: address(value(original, "src")!),
    destination: address(value(original, "dst")!),
    sourcePort: number(original, "sport"),
    destinationPort: number(original, "dport"),
    packets: number(original, "packets"),
    bytes: number(original, "bytes"),
    replyPackets: number(reply!, "packets"),
    replyBytes: number(reply!, "bytes"),
  };
}

/** Reads data sets through the messages that a collector gets. */
export function ipfixRecords(sets: Uint8Array): Values[] {
  const builder = new MessageBuilder({
    observationDomain: 0,
    limit: 65_535,
    templateSeconds: Infinity,
    templateMessages: Infinity,
  });
  const reader = new IpfixReader();
  return [...builder.messages(sets, 0)].flatMap((message) => reader.read(message).records);
}

function ipfixShown(values: Values): Shown {
  const text = (...names: string[]) =>
    names.map((name) => values[name]).find((value) => value !== undefined) as string;
  const number = (...names: string[]) => text(...names) as unknown as number | undefined;
  return {
    source: text("sourceIPv4Address", "sourceIPv6Address"),
    destination: text("destinationIPv4Address", "destinationIPv6Address"),
    sourcePort: number("sourceTransportPort"),
    destinationPort: number("destinationTransportPort"),
    packets: number("packetDeltaCount", "packetTotalCount"),
    bytes: number("octetDeltaCount", "octetTotalCount"),
    replyPackets: number("reverse packetDeltaCount", "reverse packetTotalCount"),
    replyBytes: number("reverse octetDeltaCount", "reverse octetTotalCount"),
  };
}

/** Returns the values of the fields of each entry of the journal. */
function entriesOf(bytes: Uint8Array): Map<string, string>[] {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n\n").slice(0, -1)
    .map((entry) =>
      new Map(
        entry.split("\n").map((line) => {
          const [, name, value] = /^([A-Z][A-Z0-9_]{0,63})=(.*)$/.exec(line)!;
          return [name!, value!];
        }),
      )
    );
}

/** Reads pairs by the names of the structured form. */
function pairsShown(text: (name: string) => string | undefined): Shown {
  const number = (name: string) => text(name) === undefined ? undefined : Number(text(name));
  return {
    time: text("time") === undefined ? undefined : micros(text("time")!),
    source: text("source"),
    destination: text("destination"),
    sourcePort: number("sourcePort"),
    destinationPort: number("destinationPort"),
    packets: number("packets"),
    bytes: number("bytes"),
    replyPackets: number("replyPackets"),
    replyBytes: number("replyBytes"),
  };
}

function entryShown(fields: Map<string, string>): Shown {
  if (!/^\[[A-Z]+\] ORIG: /.test(fields.get("MESSAGE") ?? "")) throw new Error("no message");
  return pairsShown((name) =>
    fields.get(`NFSCRIBE_${name.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`)
  );
}

/** Reads a message of syslog; structured data are all of a message, or agree with its line. */
function messageShown(message: string, options: Options): Shown {
  const { data, text } = (options.format === "rfc3164" ? SYSLOG_OLD : SYSLOG_NEW)
    .exec(message)!.groups!;
  const pairs = options.structuredData ? pairsIn(data!) : {};
  if (options.message === "none") {
    assertEquals([pairs.type, text], ["flow", ""]);
    return pairsShown((name) => pairs[name]);
  }
  if (options.message === "json") return jsonShown(JSON.parse(text!));
  const line = lineShown(text!);
  if (options.structuredData) {
    assertEquals([pairs.source, pairs.destination], [line.source, line.destination]);
  }
  return line;
}

function rowShown(row: Uint8Array): Shown {
  const columns = describeRow(row);
  const number = (name: string) => columns[name] === undefined ? undefined : Number(columns[name]);
  return {
    time: micros(columns.time!),
    source: columns.original_source,
    destination: columns.original_destination,
    sourcePort: number("original_source_port"),
    destinationPort: number("original_destination_port"),
    packets: number("original_packets"),
    bytes: number("original_bytes"),
    replyPackets: number("reply_packets"),
    replyBytes: number("reply_bytes"),
  };
}

/** Rows of databases. */
const rows: FlowFixture = {
  variants: [{ hostname: "gate" }],
  read(bytes) {
    const { rows, strange } = cutRows([bytes]);
    assertEquals(strange, []);
    return rows.map(rowShown);
  },
  shows: timeOf,
};

/** The fixtures, by type. */
export const flowFixtures: Readonly<Record<string, FlowFixture>> = {
  clickhouse: rows,
  gprint: {
    read: (bytes) => linesOf(bytes).map((line) => keysShown(line.split(","))),
    shows: keysShow,
  },
  ipfix: {
    variants: [
      { counters: "total", times: "nanoseconds", events: ["new", "update", "destroy", "interim"] },
      { events: ["destroy"] },
    ],
    read: (bytes) => ipfixRecords(bytes).map(ipfixShown),
    shows(raw, { events }) {
      const { event } = new Flow(raw);
      const all = allOf(raw);
      if (!(events as string[]).includes(event)) return undefined;
      const areCounted = all.packets !== undefined && all.replyPackets !== undefined;
      return areCounted ? all : { ...all, replyPackets: undefined, replyBytes: undefined };
    },
  },
  journal: {
    variants: [{}, { priority: "warning", fields: ["time", "sourcePort", "helper"] }],
    read: (bytes) => entriesOf(bytes).map(entryShown),
    shows(raw, { fields }) {
      const all = timeOf(raw);
      if (fields === undefined) return all;
      return { time: all.time, sourcePort: all.sourcePort, packets: undefined };
    },
  },
  json: {
    variants: Object.keys(JSON_READERS).map((format) => ({ format, hostname: "gate" })),
    read: (bytes, { format }) =>
      linesOf(bytes).map((line) => JSON_READERS[format as string]!(JSON.parse(line))),
    shows(raw, { format }) {
      return format === "nfscribe" ? timeOf(raw) : allOf(raw);
    },
  },
  logemu: {
    // A dialect is one of packets.
    variants: [{ hostname: "gate" }, { time_format: "rfc3339", hostname: "gate" }],
    read: (bytes) => linesOf(bytes).map(lineShown),
    shows: lineShows,
  },
  mysql: rows,
  nacct: {
    read: (bytes) =>
      linesOf(bytes).map((line) => {
        const [end, protocol, source, sourcePort, destination, , packets, octets, ...more] = line
          .split("\t");
        assertEquals([more.length, /^\d+$/.test(end!), /^\d+$/.test(octets!)], [0, true, true]);
        return {
          source: address(source!),
          destination: address(destination!),
          sourcePort: protocol === "1" ? undefined : Number(sourcePort),
          replyPackets: Number(packets),
          replyBytes: Number(octets),
        };
      }),
    shows(raw) {
      const { packets: _, bytes: _bytes, destinationPort: _port, ...rest } = zeroed(raw);
      return { ...rest, sourcePort: raw.original.protocol === 1 ? undefined : rest.sourcePort };
    },
  },
  nats: {
    variants: [{ hostname: "gate" }],
    read: (bytes) => linesOf(bodiesOf(bytes)).map((line) => jsonShown(JSON.parse(line))),
    shows: timeOf,
  },
  oprint: {
    read: (bytes) => {
      const records: string[][] = [];
      for (const line of linesOf(bytes)) {
        if (line === "===>PACKET BOUNDARY") records.push([]);
        else records.at(-1)!.push(line);
      }
      return records.map(keysShown);
    },
    shows: keysShow,
  },
  postgres: rows,
  sqlite: rows,
  syslog: {
    variants: [
      { format: "rfc5424" },
      { format: "rfc5424", structured_data: true },
      { format: "rfc3164", message: "json" },
      { format: "rfc5424", message: "none", structured_data: true },
    ].map((table) => ({ ...table, hostname: "gate", app_name: "fw" })),
    read: (bytes, options) => linesOf(bytes).map((message) => messageShown(message, options)),
    shows: (raw, { message }) => message === "line" ? lineShows(raw) : timeOf(raw),
  },
  xml: {
    variants: [{ records: "flows" }],
    read: (bytes) => linesOf(bytes).map(xmlShown),
    shows(raw) {
      const { source, destination, sourcePort, destinationPort, packets, ...counters } = allOf(raw);
      const hasPorts = [6, 17, 33, 132, 136].includes(raw.original.protocol);
      return {
        ...{ source, destination },
        ...hasPorts && { sourcePort, destinationPort },
        ...packets !== undefined && {
          packets,
          bytes: counters.bytes,
          replyPackets: counters.replyPackets ?? 0,
          replyBytes: counters.replyBytes ?? 0,
        },
      };
    },
  },
};
