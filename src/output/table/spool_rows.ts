/** Rows of `nfscribe_spools`: how much of each spool has arrived. Pure. */

import type { HostStatus } from "../define.ts";
import { storedTime, type StoredValue, type StoredValues } from "./stored_values.ts";

/** Sums sessions up by their hosts, and returns the position of each. */
export function hostsOf(
  rows: readonly StoredValues[],
): { hosts: HostStatus[]; positions: Map<string, number> } {
  const positions = new Map(rows.map(({ spool, position }) => [String(spool), Number(position)]));
  const byHost = Map.groupBy(rows, ({ host }) => String(host ?? ""));
  const hosts = [...byHost].map(([host, sessions]) => ({
    host,
    sessions: sessions.length,
    rows: sessions.reduce((sum, { rows }) => sum + Number(rows), 0),
    updated: sessions.map(({ updated }) => storedTime(updated!)).toSorted().at(-1)!,
  }));
  return { hosts: hosts.sort((one, other) => one.host < other.host ? -1 : 1), positions };
}

/** Returns the times of the oldest and the newest packet. */
export function endsOf(oldest: StoredValue | undefined, newest: StoredValue | undefined) {
  return {
    oldest: oldest === null || oldest === undefined ? undefined : storedTime(oldest),
    newest: newest === null || newest === undefined ? undefined : storedTime(newest),
  };
}
