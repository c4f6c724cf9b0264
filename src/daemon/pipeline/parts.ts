/** Types of a pipeline's parts. */

import type { Reader } from "../../source/source.ts";
import type { SandboxPool } from "../pool/pool.ts";
import type { Topology } from "./topology.ts";

/** Observer of the loop. */
export interface LoopObserver {
  /** Latest time of the next turn, on the clock of `performance.now()`; Infinity for any time. */
  readonly nextMs: number;
  /** Called at each turn. */
  ping(nowMs: number): void;
  /** Awaits something slow that does not mean that the loop hangs. */
  during<Value>(work: Promise<Value>): Promise<Value>;
  /** Called after records were written, and their sequence numbers were counted. */
  written(): void;
}

/** Parts of a pipeline that a reload replaces. */
export interface PipelineParts {
  /** Sandboxes, started for these sources and outputs. */
  pool: SandboxPool;
  /** Sources and outputs. */
  topology: Topology;
}

/** Exchange of parts in progress. */
export interface Exchange {
  /** Readers that are stopped and emptied first. */
  closing: ReadonlySet<Reader>;
  /** Opens the new parts; no slot is in flight then. */
  make: () => Promise<PipelineParts>;
  /** Whether the scripts have been stopped. */
  stopsDispatched: boolean;
  done: PromiseWithResolvers<void>;
}
