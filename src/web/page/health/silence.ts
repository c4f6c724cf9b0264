/** Hosts that are silent, and the order of hosts. Pure. */

import type { Stats } from "../api/types.ts";

/** Counters by host. */
type Hosts = NonNullable<Stats["hosts"]>;

/** Silence that stands out, in milliseconds: senders publish a status every ten seconds. */
const SILENT_MS = 60_000;

/** Returns whether a host is silent, without having ended. */
export function isSilent({ lastSeenMs, stopped }: Hosts[string], nowMs: number): boolean {
  return stopped === 0 && nowMs - lastSeenMs > SILENT_MS;
}

/** Returns hosts with missing records first, then those that were silent longest. */
export function bySeen(hosts: Hosts): [name: string, host: Hosts[string]][] {
  return Object.entries(hosts).sort(([, first], [, second]) =>
    second.missing - first.missing || first.stopped - second.stopped ||
    first.lastSeenMs - second.lastSeenMs
  );
}
