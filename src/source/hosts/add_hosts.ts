/** Adds up what several sources know of the hosts that send to them. Pure. */

import type { HostStats } from "../../record/counters.ts";

/**
 * Adds up hosts by name: what arrived is added, and what a host says of itself is said to each source
 * alike.
 *
 * @param ofSources Hosts of each source.
 * @returns The hosts, those that came first in front; undefined without a source.
 */
export function addHosts(
  ofSources: readonly ReadonlyMap<string, HostStats>[],
): Record<string, HostStats> | undefined {
  if (ofSources.length === 0) return undefined;
  const hosts = new Map<string, HostStats>();
  for (const [host, stats] of ofSources.flatMap((known) => [...known])) {
    const known = hosts.get(host);
    hosts.set(host, known === undefined ? stats : sumOf(known, stats));
  }
  return Object.fromEntries(hosts);
}

function sumOf(first: HostStats, second: HostStats): HostStats {
  return {
    logged: Math.max(first.logged, second.logged),
    lost: Math.max(first.lost, second.lost),
    sent: Math.max(first.sent, second.sent),
    received: first.received + second.received,
    earlier: (first.earlier ?? 0) + (second.earlier ?? 0),
    repeated: first.repeated + second.repeated,
    missing: first.missing + second.missing,
    lastSeenMs: Math.max(first.lastSeenMs, second.lastSeenMs),
    stopped: Math.max(first.stopped, second.stopped),
  };
}
