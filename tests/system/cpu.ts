/**
 * CPU time of this process.
 *
 * @module
 */

import process from "node:process";

/**
 * The least CPU time that this process used while it did something, of a few
 * attempts: garbage collection and compilation may fall into one of them.
 *
 * @param work What to do.
 * @param attempts How often to try.
 * @returns User and system time of all threads together, in milliseconds.
 */
export async function leastCpuMs(work: () => Promise<unknown>, attempts = 3): Promise<number> {
  let least = Infinity;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = process.cpuUsage();
    await work();
    const after = process.cpuUsage();
    least = Math.min(least, (after.user - before.user + after.system - before.system) / 1000);
  }
  return least;
}
