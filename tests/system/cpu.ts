/**
 * CPU time of this process.
 *
 * @module
 */

import process from "node:process";

/**
 * Returns the least CPU time of a few attempts, because garbage collection and compilation may fall
 * into one of them.
 *
 * @param work The measured work.
 * @param attempts Number of attempts.
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
