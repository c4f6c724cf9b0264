/**
 * The golden file: cases of one packet and its line in each dialect. The file itself documents its
 * format.
 *
 * @module
 */

import { LogemuEncoder } from "../../src/output/logemu/encoder.ts";
import type { Dialect } from "../../src/output/lines/options.ts";
import { UNFIT } from "../../src/record/encoder.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { concat, hex } from "../packet/sample.ts";

/** In the order of the file. */
export const DIALECTS: readonly Dialect[] = ["ulogd2", "ulogd1", "kernel"];

/** Marks that the dialect has no line for this packet. */
const NONE = "none";

/** A case of the file. */
export interface GoldenCase {
  title: string;
  /** Title, metadata and packet as written in the file. */
  input: readonly string[];
  packet: RawPacket;
  /** Lines by dialect. */
  expected: ReadonlyMap<Dialect, string>;
}

/** The parsed file. */
export interface GoldenFile {
  /** Text before the first case. */
  intro: string;
  cases: readonly GoldenCase[];
}

/** Parses the file. */
export function parseGolden(text: string): GoldenFile {
  const [intro, ...blocks] = text.trimEnd().split(/\n\n+/);
  return { intro: intro!, cases: blocks.map((block) => parseCase(block.split("\n"))) };
}

/** Renders the file with the encoder's current lines; everything else is unchanged. */
export function renderGolden({ intro, cases }: GoldenFile): string {
  const blocks = cases.map(({ input, packet }) =>
    [...input, ...DIALECTS.map((dialect) => `${dialect} ${lineOf(packet, dialect)}`)].join("\n")
  );
  return [intro, ...blocks].join("\n\n") + "\n";
}

/** Formats the encoder's line for a packet as in the file: JSON, or `none`. */
export function lineOf(packet: RawPacket, dialect: Dialect): string {
  const encoder = new LogemuEncoder({
    dialect,
    logOptions: [],
    timeFormat: "syslog",
    hostname: "gate",
  });
  const out = new Uint8Array(4096);
  const length = encoder.encode(packet, out, 0);
  if (length === UNFIT) return NONE;
  const line = new TextDecoder().decode(out.subarray(0, length));
  // The time is in the machine's zone.
  const found = line.match(/^\w{3} [ \d]\d \d\d:\d\d:\d\d gate (kernel: )?([^]*)\n$/);
  if (found === null || (found[1] !== undefined) !== (dialect === "kernel")) {
    throw new Error(`Cannot find time, host and newline in ${JSON.stringify(line)}`);
  }
  return JSON.stringify(found[2]);
}

function parseCase(lines: readonly string[]): GoldenCase {
  const [first, metadata] = lines;
  if (!first?.startsWith("# ") || !metadata?.startsWith("family=")) {
    throw new Error(`Cannot read golden case: no title and metadata in ${JSON.stringify(lines)}`);
  }
  const end = lines.findIndex((line) => DIALECTS.some((dialect) => line.startsWith(dialect)));
  const input = end < 0 ? lines : lines.slice(0, end);
  const expected = new Map<Dialect, string>();
  for (const line of lines.slice(input.length)) {
    const dialect = DIALECTS.find((dialect) => line.startsWith(dialect + " "));
    if (dialect === undefined) throw new Error(`Cannot read golden line: ${line}`);
    expected.set(dialect, line.slice(dialect.length + 1));
  }
  const packet = parsePacket(metadata, hex(input.slice(2).join("\n")));
  return { title: first.slice(2), input, packet, expected };
}

/** Numeric values, by their words in the file. */
const NUMBERS = {
  family: "family",
  ethertype: "hwProtocol",
  mark: "mark",
  uid: "uid",
  gid: "gid",
} as const;

/** Interfaces by their words in the file, and the index that a named one gets. */
const INTERFACES = {
  in: ["inDev", 1],
  out: ["outDev", 2],
  physin: ["physInDev", 3],
  physout: ["physOutDev", 4],
} as const;

function parsePacket(metadata: string, payload: Uint8Array): RawPacket {
  const values = new Map<string, string>();
  for (const [, word, value] of metadata.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S+)/g)) {
    values.set(word!, value!);
  }
  const take = (word: string) => {
    const value = values.get(word);
    values.delete(word);
    return value;
  };

  const prefix = take("prefix");
  const parts = [
    prefix === undefined ? undefined : new TextEncoder().encode(JSON.parse(prefix)),
    ...["hwheader", "l2header"].map(take).map((digits) => digits && hex(digits)),
    payload.length === 0 ? undefined : payload,
  ].map((part) => part || undefined);
  const bytes = concat(...parts.filter((part) => part !== undefined));

  const packet = new RawPacket(new InterfaceTable());
  packet.reset(bytes, 0, bytes.length);
  let at = 0;
  for (const [i, name] of (["prefix", "hwHeader", "l2Header", "payload"] as const).entries()) {
    const part = parts[i];
    if (part === undefined) continue;
    packet[`${name}Offset`] = at;
    packet[`${name}Length`] = part.length;
    at += part.length;
  }

  for (const [word, field] of Object.entries(NUMBERS)) {
    const value = take(word);
    if (value !== undefined) packet[field] = Number(value);
  }
  const names = new Map<string, number>();
  for (const [word, [field, index]] of Object.entries(INTERFACES)) {
    const value = take(word);
    if (value === undefined) continue;
    // Each name is one interface; a number is an interface without a name.
    if (!/^\d+$/.test(value) && !names.has(value)) names.set(value, index);
    packet[field] = names.get(value) ?? Number(value);
  }
  packet.interfaces = new InterfaceTable().with([...names].map(([name, index]) => [index, name]));

  if (values.size > 0) {
    throw new Error(`Cannot read metadata: ${[...values.keys()].join(", ")} is not known`);
  }
  return packet;
}
