/**
 * Rows for tests of databases, without a capture.
 *
 * @module
 */

import { Spooler } from "../../src/output/delivery/spooler.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { rowOf } from "../../src/output/table/parse_row.ts";
import { ROW_EPOCH } from "../../src/output/table/row.ts";
import { concat } from "../packet/sample.ts";

/** Returns a number's bytes, big-endian. */
export function uint(value: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let at = bytes - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) {
    out[at] = rest % 256;
  }
  return out;
}

/** Returns a row with a time, a mark and further columns. */
export function row(
  mark: number,
  timeMs = Date.now(),
  columns: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigInt64(0, BigInt(timeMs - ROW_EPOCH * 1000) * 1000n);
  const values: Readonly<Record<string, Uint8Array>> = { time, mark: uint(mark, 8), ...columns };
  return rowOf(COLUMNS.map(([name]) => values[name]));
}

/** Returns rows with marks from `first` on, joined. */
export function rows(count: number, first = 0, timeMs = Date.now()): Uint8Array {
  return concat(
    ...Array.from({ length: count }, (_, index) => row(first + index, timeMs + index)),
  );
}

/** Leaves frames in a spool, as an earlier run would, each with a claimed number of rows. */
export function leave(
  folder: string,
  frames: readonly (readonly [bytes: Uint8Array, rows: number])[],
): void {
  const session = crypto.randomUUID();
  const options = { folder, limit: 2 ** 30, sync: "off", whenFull: "drop", session } as const;
  const spooler = new Spooler(options, { info() {}, warn() {} }, () => {});
  for (const [bytes, rows] of frames) void spooler.append(bytes, rows);
  spooler.close();
}

/** Returns options of an output without a capture, which sends at once. */
export function deliveryOptions(spool: string) {
  return {
    table: "packets",
    flowsTable: "flows",
    countersTable: "counters",
    payload: false,
    hostname: "gate",
    session: crypto.randomUUID(),
    spool,
    spoolLimit: 2 ** 40,
    spoolSync: "off",
    whenFull: "drop",
    flushMs: 1,
    flushRows: 100_000,
  } as const;
}

/** Log that keeps its messages. */
export function recorder() {
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  return { said, log: { info: tell, warn: tell } };
}
