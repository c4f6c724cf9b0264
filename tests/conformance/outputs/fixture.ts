/**
 * Properties of a type of output that its conformance suites need.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { structured } from "../../../src/packet/structured.ts";

/** Cases that an output may leave out. */
export type OutputCase =
  | "unfit"
  | "loss marks"
  | "torn end"
  | "reopen"
  | "slow reader"
  | "full disk"
  | "kill"
  | "packets";

/** A record in the form that all formats are compared in. */
export interface Shown {
  /** Microseconds since the Unix epoch. */
  time?: number | undefined;
  source?: string | undefined;
  destination?: string | undefined;
  sourcePort?: number | undefined;
  destinationPort?: number | undefined;
  length?: number | undefined;
  prefix?: string | undefined;
  in?: string | undefined;
  out?: string | undefined;
  mark?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  seq?: number | undefined;
  hook?: number | undefined;
  /** The captured bytes, in hexadecimal digits. */
  payload?: string | undefined;
  /** Counters of a flow. */
  packets?: number | undefined;
  bytes?: number | undefined;
  replyPackets?: number | undefined;
  replyBytes?: number | undefined;
}

/** One type of output, as the suites use it. */
export interface OutputFixture {
  /** Tables of a configuration, without what {@linkcode place} adds: all formats and dialects. */
  variants: readonly Readonly<Record<string, unknown>>[];
  /** Text at the end of each record that a filter script made; a newline by default. */
  recordEnd?: string;
  /** Whether a record is text: a line, or several; left out where it is not. */
  isText?: true;
  /** Keys of the table that say where it writes. */
  place(folder: string): Record<string, unknown>;
  /**
   * Reads records, by code apart from the encoder's.
   *
   * @param bytes Records as the encoder made them, without the head of a file.
   */
  read(bytes: Uint8Array, options: Options): Shown[];
  /** Returns the part of a packet that a record must show; undefined where the format has no record for it. */
  shows(packet: RawPacket, options: Options): Shown | undefined;
  /** The server that it needs, whose tests run the suite; left out where it writes to files. */
  server?: string;
  /** Returns packets that the format has no record for. */
  misfits(options: Options): RawPacket[];
  /** Returns the records of a whole file; where it is left out, a file is records alone. */
  readFile?(bytes: Uint8Array, options: Options): Shown[];
  /** Returns the numbers of lost packets that are noted in a file; left out where none ever is. */
  losses?(bytes: Uint8Array): number[];
  /** Returns the cases that do not apply, with the reason. */
  exceptions(options: Options): Readonly<Partial<Record<OutputCase, string>>>;
}

/** Converts texts by the names at the top of the structured form, of a packet without bytes. */
export function shownPairs(pairs: Readonly<Record<string, string>>): Shown {
  const { time, source, destination, prefix, in: inDev, out, hook, protocol } = pairs;
  const numbers = ["sourcePort", "destinationPort", "length", "mark", "uid", "gid", "seq"]
    .map((name) => [name, pairs[name] === undefined ? undefined : Number(pairs[name])]);
  return {
    ...{ source, destination, prefix, in: inDev, out, ...Object.fromEntries(numbers) },
    time: time === undefined ? undefined : micros(time),
    // A hook without a name has its number.
    hook: /^\d/.test(hook ?? "") ? Number(hook) : hookNumber(hook, protocol === "ARP"),
  };
}

/** Returns what all pairs must show of a packet. */
export function pairsOf(packet: RawPacket): Shown {
  const { isWhole: _, payload: _payload, prefix, ...all } = allOf(packet);
  return { ...all, prefix: prefix || undefined };
}

/** Names of hooks of IPv4 and IPv6 by number (`NF_INET_*`), and of ARP. */
const HOOKS = ["prerouting", "input", "forward", "output", "postrouting"];
const ARP_HOOKS = ["input", "output", "forward"];

/** Returns the number of a hook by its name. */
export function hookNumber(name: string | number | undefined, isArp: boolean): number | undefined {
  if (typeof name !== "string") return name;
  return (isArp ? ARP_HOOKS : HOOKS).indexOf(name);
}

/** Returns the microseconds since the Unix epoch of a time in RFC 3339. */
export function micros(time: string): number {
  const [, seconds, fraction] = /^(.*)\.(\d{6})Z$/.exec(time)!;
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction);
}

/** Returns all that a record may show of a packet. */
export function allOf(raw: RawPacket): Shown & { isWhole: boolean } {
  const packet = new Packet(raw);
  const { source, destination, sourcePort, destinationPort, length, mark, uid, gid, seq } =
    structured(packet);
  return {
    time: packet.time,
    ...{ source, destination, sourcePort, destinationPort, length, mark, uid, gid, seq },
    prefix: packet.prefix,
    hook: packet.hook,
    in: packet.inDev?.toString(),
    out: packet.outDev?.toString(),
    payload: packet.payload?.toHex(),
    isWhole: packet.defect === undefined,
  };
}
