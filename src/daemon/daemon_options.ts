/** Options of a daemon. */

import type { Config } from "../config/config.ts";
import type { TraceRow } from "../sandbox/setup.ts";
import type { PartOpener } from "./open.ts";

/** Runs a function with the rights that nfscribe was started with. */
export type Raised = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Options of a daemon. */
export interface DaemonOptions {
  /** Receives the filter's decision about each packet, in order; outputs then write nothing. */
  onTrace?: ((rows: TraceRow[]) => void) | undefined;
  /** Raises rights to open sources; absent where they need not be raised. */
  raised?: Raised | undefined;
  /** Checks the filter of a new configuration before it is loaded; throws if it is refused. */
  checkFilter?: ((config: Config) => Promise<void>) | undefined;
  /** Opens the parts. */
  opener?: PartOpener;
}
