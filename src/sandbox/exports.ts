/** Checks the exports of a filter script. */

/** Default interval of `tick`, and its limits, in milliseconds. */
export const TICK_MS = 1000;
const TICK_LEAST_MS = 10;
const TICK_MOST_MS = 86_400_000;

/**
 * Returns the problem of a script's exports; undefined if there is none.
 *
 * @example
 * ```ts
 * import { exportProblem } from "./exports.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(exportProblem({ default: () => true }), undefined);
 * assertEquals(exportProblem({ default: () => true, stop: 1 }), "its export stop is no function");
 * ```
 */
export function exportProblem(exports: Readonly<Record<string, unknown>>): string | undefined {
  const isWithoutPackets = exports.default === undefined &&
    (exports.flow !== undefined || exports.counter !== undefined);
  if (!isWithoutPackets && typeof exports.default !== "function") {
    return "its default export is no function; write `export default (packet) => …`";
  }
  for (const name of ["flow", "counter", "start", "stop", "tick"]) {
    if (exports[name] !== undefined && typeof exports[name] !== "function") {
      return `its export ${name} is no function`;
    }
  }
  const { tickMs = TICK_MS } = exports;
  if (typeof tickMs !== "number" || !(tickMs >= TICK_LEAST_MS && tickMs <= TICK_MOST_MS)) {
    return `its export tickMs must be a number of milliseconds from ${TICK_LEAST_MS} to ${TICK_MOST_MS}`;
  }
  return undefined;
}
