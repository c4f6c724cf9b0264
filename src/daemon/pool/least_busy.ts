/** Chooses the sandbox for the next slot. */

import type { Sandbox } from "./sandbox.ts";

/** Returns the sandbox with the fewest dispatched slots among those that have a free one. */
export function leastBusy(sandboxes: readonly Sandbox[]): Sandbox | undefined {
  let best: Sandbox | undefined;
  for (const sandbox of sandboxes) {
    if (sandbox.free.length === 0) continue;
    if (best === undefined || sandbox.dispatched.length < best.dispatched.length) best = sandbox;
  }
  return best;
}
