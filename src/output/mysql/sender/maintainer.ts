/** Maintains the table's partitions: creates those of coming days and drops old ones. */

import { Clock } from "../../delivery/clock.ts";
import type { OutputLog } from "../../output.ts";
import type { Client } from "../client.ts";
import { dayOf, dropExpired, ensurePartitions, type Expired } from "../partitions.ts";

/** Number of coming days that have a partition. */
const DAYS_AHEAD = 2;
/** Pause after a failure, and while the clock may be wrong, in milliseconds. */
const RETRY_MS = 60_000;

/** Maintains the partitions of one table. Rows do not depend on it: one partition takes all others. */
export class Maintainer {
  readonly #table: string;
  readonly #retentionDays: number | undefined;
  readonly #log: OutputLog;
  readonly #clock: Clock;
  /** The days of the last maintenance, and of the last drop, since the Unix epoch. */
  #day = -1;
  #expiredDay = -1;
  /** Earliest time of the next attempt, by the monotonic clock. */
  #notBeforeMs = -Infinity;
  #logged: string | undefined;

  constructor(
    table: string,
    retentionDays: number | undefined,
    log: OutputLog,
    clock: Clock = new Clock(),
  ) {
    this.#table = table;
    this.#retentionDays = retentionDays;
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Performs maintenance that is due: once a day, and when the clock has been steady for so long that
   * days may be dropped.
   *
   * @param isLost Returns whether an error means that the connection is lost.
   * @throws The error of a lost connection.
   */
  async check(client: Client, isLost: (error: unknown) => boolean): Promise<void> {
    const { nowMs, elapsedMs, isSteady } = this.#clock.look();
    const today = dayOf(nowMs);
    const mayExpire = this.#retentionDays !== undefined && isSteady && today !== this.#expiredDay;
    if (today === this.#day && !mayExpire || elapsedMs < this.#notBeforeMs) return;
    try {
      const last = today + DAYS_AHEAD;
      if (await ensurePartitions(client, this.#table, today, last, isSteady) === undefined) {
        this.#notBeforeMs = elapsedMs + RETRY_MS;
        return;
      }
      this.#day = today;
      if (mayExpire) await this.#expire(client, today);
      this.#logged = undefined;
    } catch (error) {
      if (isLost(error)) throw error;
      this.#notBeforeMs = elapsedMs + RETRY_MS;
      const warning = `Cannot maintain the table's partitions: ${(error as Error).message}; rows ` +
        "without a partition of their day go to the last one; grant the right to ALTER, CREATE, " +
        "INSERT and DROP the table, or run `nfscribe db init` every day as a user who has it";
      if (warning !== this.#logged) this.#log.warn(warning);
      this.#logged = warning;
    }
  }

  async #expire(client: Client, today: number): Promise<void> {
    const expired = await dropExpired(client, this.#table, today, this.#retentionDays!, false);
    this.#expiredDay = today;
    for (const line of expiryLines(expired)) {
      this.#log.info(`The table's days: ${line}`);
    }
  }
}

/** Returns lines about what was dropped. */
export function expiryLines({ dropped, deleted, held }: Expired): string[] {
  return [
    ...dropped.length > 0 ? [`dropped, as retention_days says: ${dropped.join(", ")}`] : [],
    ...deleted > 0 ? [`rows deleted, as retention_days says: ${deleted}`] : [],
    ...held.length > 0
      ? [
        "not dropped, though past retention_days, as it is most of the table: " +
        `${held.join(", ")}; if the clock is right, nfscribe db init drops them`,
      ]
      : [],
  ];
}
