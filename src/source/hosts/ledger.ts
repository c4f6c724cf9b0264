/** Counts what hosts send, beside what they say of themselves. Pure. */

import type { HostStats } from "../../record/counters.ts";
import type { HostStatus } from "../../nats/format/status.ts";

/** Hosts that are counted one by one; further ones are counted together. */
const HOSTS_MAX = 20_000;
/** Name of further hosts. */
export const FURTHER_HOSTS = "(further hosts)";
/** Sequences of a host that are followed: one for each kind and source of a session. */
const SEQUENCES_MAX = 256;
/** Characters of a host's name that are kept: those of a domain name (RFC 1035, 2.3.4). */
const NAME_MAX = 255;

/** Records of one source and kind that a host has sent together. */
export interface HostMessage {
  /** The host's name. */
  host: string;
  /** Run of the sender that numbered them; behind a colon, the count that it belongs to. */
  session: string;
  /** Name of the source on the host. */
  source: string;
  kind: string;
  /** Records of this session, source and kind that were sent before; undefined if not known. */
  first: number | undefined;
  /** Number of records. */
  records: number;
}

/** State of a host. */
interface Host extends HostStats {
  earlier: number;
  /** Number of the next record, by session, kind and source. */
  sequences: Map<string, number>;
  /** Runs, with kind and source, whose records have arrived. */
  runs: Set<string>;
  /** The run that the last status is of. */
  session: string | undefined;
  /** Figures of runs before that one. */
  former: Said;
}

/** Figures that a host tells. */
type Said = Pick<HostStats, "logged" | "lost" | "sent">;

/**
 * Counters of hosts.
 *
 * @example
 * ```ts
 * import { HostLedger } from "./ledger.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const ledger = new HostLedger();
 * const message = { host: "gate", session: "a", source: "nflog:1", kind: "packet", records: 10 };
 * ledger.message({ ...message, first: 0 }, 1000);
 * ledger.message({ ...message, first: 30 }, 2000);
 * const { received, missing } = ledger.hosts.get("gate")!;
 * assertEquals([received, missing], [20, 20]);
 * ```
 */
export class HostLedger {
  readonly #hosts = new Map<string, Host>();

  /** Hosts by name. */
  get hosts(): ReadonlyMap<string, HostStats> {
    return new Map(
      [...this.#hosts].map(([name, host]) => {
        const { sequences: _s, runs: _r, session: _o, former: _f, ...stats } = host;
        return [name, stats];
      }),
    );
  }

  /**
   * Counts a message that has arrived for the first time.
   *
   * @param message The message, after those before it.
   * @param timeMs Time at which it was sent, in milliseconds since the Unix epoch.
   */
  message({ host, session, source, kind, first, records }: HostMessage, timeMs: number): void {
    const known = this.#of(host, timeMs);
    const { sequences } = known;
    const key = JSON.stringify([session, kind, source]);
    known.received += records;
    if (first === undefined) return;
    this.#notice(known, JSON.stringify([session.split(":")[0], kind, source]), first);
    // Where this process begins in the middle of a session, what came before is not missing.
    const next = sequences.get(key) ?? first;
    sequences.delete(key);
    sequences.set(key, Math.max(next, first + records));
    if (sequences.size > SEQUENCES_MAX) sequences.delete(sequences.keys().next().value!);
    if (first > next) known.missing += first - next;
    // A late one was counted as missing.
    else if (first < next) known.missing = Math.max(0, known.missing - records);
  }

  /** Counts records that have arrived again. */
  repeated(host: string, records: number, timeMs: number): void {
    this.#of(host, timeMs).repeated += records;
  }

  /**
   * Takes what a host says of itself.
   *
   * @param status The status.
   * @param timeMs Time at which it was sent, in milliseconds since the Unix epoch.
   */
  status({ host, session, isStopping, ...said }: HostStatus, timeMs: number): void {
    const known = this.#of(host, timeMs);
    if (known.session === undefined && known.runs.size === 0) known.earlier = said.sent;
    if (known.session !== session) {
      known.former = { logged: known.logged, lost: known.lost, sent: known.sent };
      known.session = session;
    }
    const { former } = known;
    known.logged = former.logged + said.logged;
    known.lost = former.lost + said.lost;
    known.sent = former.sent + said.sent;
    known.stopped = Number(isStopping);
  }

  /** Notes how many records of a run went before the first that arrived here. */
  #notice(host: Host, run: string, first: number): void {
    const { runs } = host;
    if (runs.size === 0) host.earlier = 0;
    if (!runs.has(run)) host.earlier += first;
    runs.delete(run);
    runs.add(run);
    if (runs.size > SEQUENCES_MAX) runs.delete(runs.values().next().value!);
  }

  #of(name: string, timeMs: number): Host {
    let key = name.slice(0, NAME_MAX);
    if (!this.#hosts.has(key) && this.#hosts.size >= HOSTS_MAX) key = FURTHER_HOSTS;
    const host = this.#hosts.get(key) ?? newHost();
    this.#hosts.set(key, host);
    // Records that it sent before it ended may be taken later than its last word.
    if (timeMs > host.lastSeenMs) host.stopped = 0;
    host.lastSeenMs = Math.max(host.lastSeenMs, timeMs);
    return host;
  }
}

function newHost(): Host {
  return {
    logged: 0,
    lost: 0,
    sent: 0,
    received: 0,
    earlier: 0,
    repeated: 0,
    missing: 0,
    lastSeenMs: 0,
    stopped: 0,
    sequences: new Map(),
    runs: new Set(),
    session: undefined,
    former: { logged: 0, lost: 0, sent: 0 },
  };
}
