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
  | "kill";

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
}

/** One type of output, as the suites use it. */
export interface OutputFixture {
  /** Tables of a configuration, without what {@linkcode place} adds: all formats and dialects. */
  variants: readonly Readonly<Record<string, unknown>>[];
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
