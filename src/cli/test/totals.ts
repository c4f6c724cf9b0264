/** Totals of `nfscribe test`, and its rows as JSON. Pure. */

import { describe } from "../../packet/describe.ts";
import { jsonLine } from "../../text/escape.ts";
import { rowJson } from "../row_json.ts";
import type { TraceRow } from "../../sandbox/setup.ts";

/** Counts what became of packets. */
export class Totals {
  /** Packets so far, those that were dropped, and those that the filter failed on. */
  readonly sum = { packets: 0, dropped: 0, failed: 0 };
  /** Packets by output. */
  readonly #outputs: Map<string, number>;
  /** Packets that an output's format cannot hold, by output. */
  readonly #unfit = new Map<string, number>();
  /** Lines that the script emitted, by output. */
  readonly #emitted = new Map<string, number>();

  /** Begins with outputs that got nothing yet. */
  constructor(outputs: readonly string[]) {
    this.#outputs = new Map(outputs.map((name) => [name, 0]));
  }

  /** Counts a row. */
  add({ packet, outputs, emitted = [], error }: TraceRow): void {
    for (const { output } of emitted) count(this.#emitted, output);
    if (packet === undefined) return;
    this.sum.packets++;
    if (error !== undefined) this.sum.failed++;
    if (outputs.length === 0) this.sum.dropped++;
    for (const name of outputs) count(this.#outputs, name);
  }

  /** Takes packets that an output's format cannot hold from those that it gets. */
  addUnfit(output: string, packets: number): void {
    if (packets === 0) return;
    this.#unfit.set(output, packets);
    this.#outputs.set(output, (this.#outputs.get(output) ?? 0) - packets);
  }

  /**
   * Describes the totals for people.
   *
   * @param malformed Packets that could not be decoded.
   */
  text(malformed: number): string {
    const emitted = this.#emitted.size === 0 ? "" : `\nemitted: ${pairs(this.#emitted)}`;
    const unfit = this.#unfit.size === 0
      ? ""
      : `\nof a kind that the format cannot hold: ${pairs(this.#unfit)}`;
    const sum = Object.entries({ ...this.sum, malformed });
    return `\n${pairs(sum)}\noutputs: ${pairs(this.#outputs)}${unfit}${emitted}`;
  }

  /** Writes the totals as an object in JSON. */
  json(malformed: number): string {
    return jsonLine({
      ...this.sum,
      malformed,
      outputs: Object.fromEntries(this.#outputs),
      ...this.#unfit.size > 0 && { unfit: Object.fromEntries(this.#unfit) },
      ...this.#emitted.size > 0 && { emitted: Object.fromEntries(this.#emitted) },
    });
  }
}

/**
 * Returns a row as JSON: the packet's line, its structured form, and what the filter did.
 *
 * @param number The packet's number; a row between packets has none.
 */
export function jsonRow(number: number, row: TraceRow): string {
  const { packet, outputs, attached, emitted, ...others } = row;
  return rowJson({
    ...packet !== undefined && { number, packet: describe(packet), ...packet, outputs },
    emitted: emitted?.map(({ output, fields }) => ({ output, fields: Object.fromEntries(fields) })),
    ...others,
  }, attached);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function pairs(counts: Iterable<readonly [name: string, count: number]>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
}
