/** Tells which hosts that send their records are silent, and whose records are missing. Pure. */

import type { HostStats } from "../../record/counters.ts";
import type { LossMessage } from "./loss_reporter.ts";
import { named } from "./named.ts";

/** A message about hosts. */
export interface HostMessage extends LossMessage {
  level: "info" | "warn";
}

/** Least time between two messages about missing records, in milliseconds. */
const PAUSE_MS = 10_000;

/** Hosts by name. */
type Hosts = Readonly<Record<string, HostStats>>;

/** Watches hosts. */
export class HostWatch {
  readonly #silentMs: number;
  readonly #silent = new Set<string>();
  #missing = 0;
  #missingLoggedMs = -Infinity;

  /**
   * Begins to watch.
   *
   * @param silentMs How long a host may be silent, in milliseconds.
   */
  constructor(silentMs: number) {
    this.#silentMs = silentMs;
  }

  /**
   * Returns messages to log about what has changed since the last call.
   *
   * @param nowMs Current time, in milliseconds since the Unix epoch.
   */
  check(hosts: Hosts, nowMs: number): HostMessage[] {
    const silent = this.#silentOf(hosts, nowMs);
    const more = silent.filter((name) => !this.#silent.has(name));
    const back = [...this.#silent].filter((name) => !silent.includes(name));
    this.#silent.clear();
    for (const name of silent) this.#silent.add(name);
    const messages: HostMessage[] = [];
    if (more.length > 0) {
      messages.push({
        level: "warn",
        message: `${counted(more)} silent: neither records nor a status have arrived for ` +
          `${this.#silentMs / 1000} s; look at nfscribe there, and at the way between`,
        fields: { hosts: named(more) },
      });
    }
    if (back.length > 0) {
      messages.push({
        level: "info",
        message: `${counted(back)} back`,
        fields: { hosts: named(back) },
      });
    }
    return [...messages, ...this.#missingIn(hosts, nowMs)];
  }

  /** Returns a line about the hosts that are silent; none if none is. */
  notes(hosts: Hosts, nowMs: number): string[] {
    const silent = this.#silentOf(hosts, nowMs);
    return silent.length === 0
      ? []
      : [`${counted(silent)} silent for ${this.#silentMs / 1000} s: ${named(silent)}`];
  }

  /** Returns the number of hosts that are silent. */
  silent(hosts: Hosts, nowMs: number): number {
    return this.#silentOf(hosts, nowMs).length;
  }

  #silentOf(hosts: Hosts, nowMs: number): string[] {
    return Object.entries(hosts).filter(([, { lastSeenMs, stopped }]) =>
      stopped === 0 && nowMs - lastSeenMs > this.#silentMs
    ).map(([name]) => name);
  }

  #missingIn(hosts: Hosts, nowMs: number): HostMessage[] {
    const missing = Object.values(hosts).reduce((sum, host) => sum + host.missing, 0);
    const more = missing - this.#missing;
    if (more <= 0 || nowMs - this.#missingLoggedMs < PAUSE_MS) return [];
    [this.#missing, this.#missingLoggedMs] = [missing, nowMs];
    const names = Object.entries(hosts).filter(([, host]) => host.missing > 0);
    return [{
      level: "warn",
      message: "Records that hosts sent are missing: they were removed from between, as by a " +
        "limit of the stream, or taken by another consumer",
      fields: { missing: more, in_total: missing, hosts: named(names.map(([name]) => name)) },
    }];
  }
}

function counted(names: readonly string[]): string {
  return names.length === 1 ? "A host is" : `${names.length} hosts are`;
}
