/** State of the server, of which all parts of the page take something. */

import type { LiveState } from "../api/live.ts";
import type { LiveStats, ServerState } from "../api/types.ts";
import { type Cell, cell } from "./cell.ts";

/** Answer of `/api/state`; undefined until it is there. */
export const serverState: Cell<ServerState | undefined> = cell<ServerState | undefined>(undefined);

/** Counters of the daemon, the newest last: as many as health draws. */
export const statsHistory: Cell<readonly LiveStats[]> = cell<readonly LiveStats[]>([]);

/** State of the live connection; undefined where none is needed. */
export const liveState: Cell<LiveState | undefined> = cell<LiveState | undefined>(undefined);

/** Readings of counters that are kept. */
const KEPT = 300;

/** Keeps counters. */
export function keepStats(stats: LiveStats): void {
  statsHistory.set([...statsHistory.get(), stats].slice(-KEPT));
}
