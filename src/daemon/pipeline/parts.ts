/**
 * What a pipeline is put together from.
 *
 * @module
 */

import type { SandboxPool } from "../pool/pool.ts";
import type { Topology } from "./topology.ts";

/** Who is told that the loop turns. */
export interface LoopObserver {
  /** When to turn again at the latest, as `performance.now()` tells it; Infinity for no matter when. */
  readonly nextMs: number;
  /** The loop turns. */
  beat(nowMs: number): void;
  /** Waits for something slow that is not the loop's fault. */
  during<Value>(work: Promise<Value>): Promise<Value>;
  /** Something was written, and so its numbers are behind it. */
  written(): void;
}

/** What takes the place of a pipeline's parts while it runs. */
export interface PipelineParts {
  /** The sandboxes, made for these sources and outputs. */
  pool: SandboxPool;
  /** The sources and outputs. */
  topology: Topology;
}
