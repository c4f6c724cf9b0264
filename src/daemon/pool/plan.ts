/**
 * Options of sandboxes.
 *
 * @module
 */

import type { SandboxSetup, Seal } from "../../sandbox/setup.ts";
import type { LogSink, SandboxLog } from "./sandbox_log.ts";
import type { SandboxWatch } from "./watch.ts";

/** Options of sandboxes, the same for all of a pipeline. */
export interface SandboxPlan {
  /** Sources, outputs and script, without the number of the sandbox. */
  setup: Omit<SandboxSetup, "worker">;
  /** How it is sealed. */
  seal: () => Omit<Seal, "parent">;
  /** Slots of each. */
  slots: number;
  /** nfscribe's own messages. */
  log: LogSink;
  /** Takes what sandboxes say. */
  sandboxLog: SandboxLog;
  /** Waits for processes. */
  watch: SandboxWatch;
  /** Called when there is something to do. */
  wake(): void;
  /** The module that its processes run; a test has another one. */
  entry?: string;
  /** How long a slot may take without a script at the least, in milliseconds; a test has less. */
  ownTimeoutMs?: number;
}
