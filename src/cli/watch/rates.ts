/** Counts and draws rates of packets by group, prefix, port and address. Pure. */

import { grouped } from "../../text/figures.ts";
import type { Packet } from "../../packet/packet.ts";
import { cutEnd, cutMiddle, padEnd } from "../../terminal/width.ts";
import { escaped } from "../../text/escape.ts";
import type { Rate } from "./key_counts.ts";
import { Top } from "./top.ts";

/** Rows of a table at the most. */
const ROWS_MAX = 10;
/** Two tables stand side by side where each has that many columns. */
const SIDE_BY_SIDE = 36;
const GAP = 2;
const RATE = 9;

/** Names of IP protocols whose ports are counted (`IPPROTO_*`, linux/in.h). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  6: "tcp",
  17: "udp",
  33: "dccp",
  132: "sctp",
  136: "udplite",
};

/** One table, the largest rates first. */
export interface RateTable {
  /** The kind of its keys. */
  title: string;
  rows: (readonly [key: string, rate: Rate])[];
}

/** Packets and bytes of the last seconds. */
export interface RateReport {
  /** All packets. */
  total: Rate;
  /** By group, prefix, port and address. */
  tables: readonly [RateTable, RateTable, RateTable, RateTable];
}

/** Counts packets. */
export class Rates {
  /** Packets so far. */
  packets = 0;
  /** Their original length, in bytes. */
  bytes = 0;
  readonly #total = new Top();
  readonly #groups = new Top();
  readonly #prefixes = new Top();
  readonly #ports = new Top();
  readonly #addresses = new Top();

  /** Counts a packet of a group. */
  add(packet: Packet, group: number): void {
    const bytes = packet.originalLength ?? 0;
    this.packets++;
    this.bytes += bytes;
    this.#total.add("", bytes);
    this.#groups.add(`${group}`, bytes);
    this.#prefixes.add(packet.prefix ?? "", bytes);
    const { source, destinationPort, protocol } = packet;
    if (source !== undefined) this.#addresses.add(source, bytes);
    if (destinationPort !== undefined) {
      this.#ports.add(`${PROTOCOLS[protocol!] ?? protocol}/${destinationPort}`, bytes);
    }
  }

  /**
   * Returns the packets and bytes of the last seconds, as a moving average.
   *
   * @param seconds How long packets were counted since this was asked before.
   */
  report(seconds: number): RateReport {
    const table = (title: string, top: Top) => ({ title, rows: top.rates(seconds, ROWS_MAX) });
    const [total] = this.#total.rates(seconds, 1);
    return {
      total: total?.[1] ?? { packets: 0, bytes: 0 },
      tables: [
        table("group", this.#groups),
        table("prefix", this.#prefixes),
        table("to port", this.#ports),
        table("from address", this.#addresses),
      ],
    };
  }
}

/**
 * Draws the tables as a block of lines: two beside each other where there is room.
 *
 * @param report What they hold.
 * @param columns How wide the block may be.
 * @param rows How high.
 */
export function rateLines({ tables }: RateReport, columns: number, rows: number): string[] {
  const half = Math.floor((columns - GAP) / 2);
  if (half < SIDE_BY_SIDE) {
    const each = Math.max(1, Math.floor((rows - 3) / 4) - 1);
    return tables.flatMap((table) => [...tableLines(table, columns, each), ""]).slice(0, -1).slice(
      0,
      rows,
    );
  }
  const [groups, prefixes, ports, addresses] = tables;
  // The lower tables mostly have more rows.
  const upper = Math.min(
    Math.max(1, groups.rows.length, prefixes.rows.length),
    Math.max(1, (rows - 3) >> 1),
  );
  return [
    ...beside(tableLines(groups, half, upper), tableLines(prefixes, half, upper), half),
    "",
    ...beside(
      tableLines(ports, half, rows - 3 - upper),
      tableLines(addresses, half, rows - 3 - upper),
      half,
    ),
  ];
}

function beside(left: readonly string[], right: readonly string[], width: number): string[] {
  return Array.from(
    { length: Math.max(left.length, right.length) },
    (_, index) => `${padEnd(left[index] ?? "", width + GAP)}${right[index] ?? ""}`.trimEnd(),
  );
}

function tableLines({ title, rows }: RateTable, width: number, most: number): string[] {
  const name = width - 2 * RATE;
  const line = (key: string, packets: string, bytes: string) =>
    padEnd(key, name) + packets.padStart(RATE) + bytes.padStart(RATE);
  return [
    line(cutEnd(title, name), "packets/s", "bytes/s"),
    ...rows.slice(0, Math.max(0, most)).map(([key, { packets, bytes }]) =>
      line(cutMiddle(keyText(key), name - 1), rateText(packets), bytesText(bytes))
    ),
  ];
}

/** Quotes a key: a rule's prefix may be empty, end in a space, or hold anything. */
function keyText(key: string): string {
  return key === "" ? "(none)" : escaped(key).trimEnd();
}

/** Writes a rate; a small one to the tenth. */
export function rateText(rate: number): string {
  return rate < 9.95 ? rate.toFixed(1) : grouped(Math.round(rate));
}

/** Writes a number of bytes with three digits and a unit. */
export function bytesText(bytes: number): string {
  const units = ["", "k", "M", "G", "T"];
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  const isWhole = unit === 0 || value >= 999.5;
  return `${isWhole ? value.toFixed(0) : value.toPrecision(3)} ${units[unit]}B`;
}
