/** Answers of the server to the page. */

import type { Stats } from "../../../daemon/telemetry/stats_client.ts";
import type { Finding } from "../../../finding.ts";
import type { Row, StoredLoss, StoreSummary } from "../../../output/table/reading.ts";
import type { Action } from "../../../packet/actions.ts";

export type {
  Chart,
  Page,
  Reach,
  Row,
  StoredKind,
  StoredLoss,
  StoreSummary,
  Top,
  TopEntry,
  TopKey,
} from "../../../output/table/reading.ts";
export type { Finding, Stats };

/** Answer of `/api/state`. */
export interface ServerState {
  version: string;
  store: StoreSummary | null;
  stats: Stats | null;
  /** Actions of rules by patterns of their prefixes. */
  actions: [pattern: string, action: Action][];
  /** Reasons why nothing arrives. */
  nothing: Finding[];
  /** Rules that would make packets arrive. */
  rules: string[];
  tables: { flows: boolean; payload: boolean };
}

/** Rows that have arrived since the event before. */
export interface LiveRows {
  /** The newest last. */
  rows: Row[];
  after: string;
  /** Rows that were left out because there were too many. */
  skipped: number;
}

/** Counters of the daemon at a time; null while it does not answer. */
export interface LiveStats {
  timeMs: number;
  stats: Stats | null;
}

/** Events of `/api/live`. */
export interface LiveEvents {
  rows: LiveRows;
  losses: StoredLoss[];
  stats: LiveStats;
  problem: { error: string };
}
