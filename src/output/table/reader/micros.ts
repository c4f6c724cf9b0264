/** Times of rows in microseconds since the Unix epoch. Pure. */

import type { Span } from "../reading.ts";
import { storedTime, type StoredValue } from "../stored_values.ts";

/** Last moment of the year 9999: what is behind it has no date in all databases. */
export const MICROS_END = 253_402_300_800_000_000n;

/** Times from `from` to before `to`. */
export interface MicroSpan {
  from: bigint;
  to: bigint;
}

/** Returns a span within the times that every database knows. */
export function microSpan({ fromMs, toMs }: Span): MicroSpan {
  return { from: microsOfMs(fromMs), to: microsOfMs(toMs) };
}

/** Returns a time, from 1970 to 9999. */
function microsOfMs(timeMs: number): bigint {
  if (!(timeMs > 0)) return 0n;
  return timeMs >= Number(MICROS_END / 1000n) ? MICROS_END : BigInt(Math.round(timeMs * 1000));
}

/** Returns the time of a row. */
export function microsOf(value: StoredValue | undefined): bigint {
  if (typeof value === "bigint") return value;
  const text = storedTime(value ?? 0);
  const timeMs = Date.parse(`${text.slice(0, 23)}Z`);
  return Number.isNaN(timeMs) ? MICROS_END : BigInt(timeMs) * 1000n + BigInt(text.slice(23, 26));
}

/** Returns a time in milliseconds since the Unix epoch. */
export function msOf(micros: bigint): number {
  return Number(micros) / 1000;
}

/** Returns the largest multiple of a step that is not above a time. */
export function floorTo(micros: bigint, step: bigint): bigint {
  return micros - micros % step;
}
