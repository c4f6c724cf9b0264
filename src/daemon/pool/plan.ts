/** Options of sandboxes. */

import type { SandboxSetup, Seal } from "../../sandbox/setup.ts";
import type { LogSink, SandboxLog } from "./sandbox_log.ts";
import type { SandboxWatch } from "./watch.ts";

/** Options of the sandboxes of a pipeline. */
export interface SandboxPlan {
  /** Sources, outputs and script, without the sandbox's number. */
  setup: Omit<SandboxSetup, "worker">;
  /** Returns the seal. */
  seal: () => Omit<Seal, "parent">;
  /** Slots of each sandbox. */
  slots: number;
  /** nfscribe's own messages. */
  log: LogSink;
  /** Receives messages of sandboxes. */
  sandboxLog: SandboxLog;
  /** Waits for descriptors of processes. */
  watch: SandboxWatch;
  /** Wakes the loop. */
  wake(): void;
  /** Module that its processes run; set by tests. */
  entry?: string;
  /** Least time for a slot without a script, in milliseconds; set by tests. */
  ownTimeoutMs?: number;
}
