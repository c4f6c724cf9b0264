/** Counts and draws the destinations of most packets: addresses and ports. Pure. */

import { Counter } from "../../counter/counter.ts";
import type { Flow } from "../../flow/flow.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { readBe32 } from "../../bytes/memory.ts";
import { Packet } from "../../packet/packet.ts";
import { layersOf } from "../../packet/packet_headers.ts";
import { protocolName } from "../../packet/protocols.ts";
import type { StructuredPacket } from "../../packet/structured.ts";
import { cutEnd, cutMiddle, padEnd } from "../../terminal/width.ts";
import { escaped } from "../../text/escape.ts";
import { grouped } from "../../text/figures.ts";
import type { TopOrder } from "../keys/controls.ts";
import { KeyCounts, type Rate } from "./key_counts.ts";
import { bytesText } from "./rates.ts";
import type { Shown } from "./lines.ts";

/** Keys that are kept since the start, and in each part of the last minute. */
const [KEYS_MAX, PART_KEYS_MAX] = [5000, 1000];
/** Parts of the last minute, and the seconds of each. */
const [PARTS, PART_SECONDS] = [12, 5];
/** Keys of packets that are known by number. */
const KNOWN_MAX = 10_000;
/** Ports, and a number for none (`NO_PORT`). */
const [PORTS, NO_PORT] = [65_537, 65_536];
/** Protocols whose packets are known by number (`IPPROTO_*`, linux/in.h). */
const [TCP, UDP] = [6, 17];
/** Place of the destination in IPv4's header (RFC 791, section 3.1). */
const IPV4_DESTINATION = 16;
/** Widths of columns. */
const [NUMBER, BYTES, GAP] = [12, 9, 2];

/** A destination. */
export interface DestinationRow {
  /** Address, and protocol and port if it has one. */
  key: string;
  /** Packets and bytes of the last minute, and since the start. */
  minute: Rate;
  start: Rate;
}

/** Counts records by where they go. */
export class Destinations {
  #start = new KeyCounts(KEYS_MAX);
  /** The last minute, the newest part last. */
  #parts: KeyCounts[] = [new KeyCounts(PART_KEYS_MAX)];
  #seconds = 0;
  /** Keys of IPv4 packets by their numbers. */
  readonly #keys = new Map<number, string>();

  /** Counts a record; one without a destination is passed over. */
  add(record: Shown): void {
    const key = record instanceof Packet ? this.#packetKey(record) : keyOf(record);
    if (key === undefined) return;
    const bytes = bytesOf(record);
    this.#start.add(key, bytes);
    this.#parts[this.#parts.length - 1]!.add(key, bytes);
  }

  /** Returns the key of a packet. To write an address for each one would take most of the time. */
  #packetKey(packet: Packet): string | undefined {
    const { protocol, destinationPort = NO_PORT } = packet;
    const { network, bytes, at } = layersOf(packet);
    const isUsual = network === 4 && (protocol === TCP || protocol === UDP);
    if (!isUsual) return keyOf(packet);
    const number = (readBe32(bytes, at + IPV4_DESTINATION) * PORTS + destinationPort) * 2 +
      Number(protocol === TCP);
    const known = this.#keys.get(number);
    if (known !== undefined) return known;
    if (this.#keys.size >= KNOWN_MAX) this.#keys.clear();
    const key = keyOf(packet);
    if (key !== undefined) this.#keys.set(number, key);
    return key;
  }

  /** Begins anew. */
  clear(): void {
    this.#start = new KeyCounts(KEYS_MAX);
    this.#parts = [new KeyCounts(PART_KEYS_MAX)];
  }

  /** Ends a second. */
  tick(): void {
    if (++this.#seconds % PART_SECONDS !== 0) return;
    this.#parts = [...this.#parts, new KeyCounts(PART_KEYS_MAX)].slice(-PARTS);
  }

  /**
   * Returns the destinations with the most packets.
   *
   * @param order Time that decides.
   * @param most How many at the most.
   */
  rows(order: TopOrder, most: number): DestinationRow[] {
    const minute = new KeyCounts(PARTS * PART_KEYS_MAX);
    for (const part of this.#parts) {
      for (const [key, { packets, bytes }] of part) minute.add(key, bytes, packets);
    }
    const none = { packets: 0, bytes: 0 };
    return (order === "minute" ? minute : this.#start).top(most).map(([key]) => {
      const last = minute.get(key) ?? none;
      // One that was forgotten has at least those of the last minute.
      return { key, minute: last, start: this.#start.get(key) ?? last };
    });
  }
}

/** Returns the bytes of a record. */
function bytesOf(record: Shown): number {
  if (record instanceof Packet) return record.originalLength ?? 0;
  if ("original" in record) return (record.original.bytes ?? 0) + (record.reply?.bytes ?? 0);
  return "length" in record ? record.length ?? 0 : 0;
}

/** Names of protocols by number, which are asked for with each packet. */
const NAMES = Array.from(
  { length: 256 },
  (_, number) => protocolName(number)?.toLowerCase() ?? `${number}`,
);

/** Returns the destination of a record as text; undefined if it has none. */
function keyOf(record: Shown): string | undefined {
  if (record instanceof Counter || "type" in record && record.type === "counter") return undefined;
  const { protocol } = record as Packet | Flow | StructuredPacket | StructuredFlow;
  const { destination, destinationPort } = "original" in record
    ? record.original
    : record as Packet | StructuredPacket;
  if (destination === undefined) return undefined;
  const name = typeof protocol === "number" ? NAMES[protocol] : protocol?.toLowerCase();
  if (name === undefined) return destination;
  return `${destination} ${name}${destinationPort === undefined ? "" : `/${destinationPort}`}`;
}

/**
 * Draws the page.
 *
 * @param destinations What was counted.
 * @param order Time by which it is sorted.
 * @param size Room that there is.
 */
export function destinationLines(
  destinations: Destinations,
  order: TopOrder,
  { columns, rows }: { columns: number; rows: number },
): string[] {
  const isWide = columns >= 24 + 2 * (NUMBER + BYTES);
  const figures = (isWide ? 2 : 1) * (NUMBER + BYTES);
  const name = Math.max(8, Math.min(60, columns - 1 - figures - GAP));
  const times = isWide ? ["minute", "start"] as const : [order];
  const line = (key: string, cells: readonly string[]) =>
    cutEnd(
      padEnd(cutMiddle(key, name), name + GAP) +
        cells.map((cell, index) => cell.padStart(index % 2 === 0 ? NUMBER : BYTES)).join(""),
      columns - 1,
    );
  const titles = times.flatMap((time) => [
    time === "minute" ? "last minute" : "in all",
    "bytes",
  ]);
  const shown = destinations.rows(order, Math.max(0, rows - 4));
  return [
    cutEnd(
      order === "minute"
        ? "Top destinations of the last minute; s: of all"
        : "Top destinations of all; s: of the last minute",
      columns - 1,
    ),
    "",
    line("to", titles),
    ...shown.map((row) =>
      line(
        escaped(row.key),
        times.flatMap((time) => [grouped(row[time].packets), bytesText(row[time].bytes)]),
      )
    ),
    ...shown.length === 0 ? ["nothing with a destination so far"] : [],
  ];
}
