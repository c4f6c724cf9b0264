/**
 * Keeps the table's partitions: days to come are made, old ones dropped.
 *
 * @module
 */

import type postgres from "postgres";
import { OutputError } from "../../../errors.ts";
import type { OutputLog } from "../../output.ts";
import { dropExpired, ensurePartitions } from "../partitions.ts";
import type { Batch } from "../spool/spool_reader.ts";
import type { Table } from "../table.ts";

const DAY_MS = 86_400_000;
/** How many days to come have a partition. */
const DAYS_AHEAD = 2;
/** How long to leave it after a failure, in milliseconds. */
const RETRY_MS = 60_000;
/** `insufficient_privilege` */
const NO_RIGHT = "42501";

/**
 * Looks after the partitions of one table. Rows do not depend on it: what has no
 * partition of its own goes to the default one, and moves when there is one.
 */
export class Keeper {
  readonly #table: Table;
  readonly #retentionDays: number | undefined;
  readonly #log: OutputLog;
  /** The day that was looked after last, since the Unix epoch. */
  #day = -1;
  /** Days that were seen to. */
  readonly #seen = new Set<number>();
  /** Not before then: milliseconds since the Unix epoch. */
  #notBeforeMs = 0;
  #told: string | undefined;

  /** Makes a keeper. */
  constructor(table: Table, retentionDays: number | undefined, log: OutputLog) {
    this.#table = table;
    this.#retentionDays = retentionDays;
    this.#log = log;
  }

  /**
   * Does what is due once a day.
   *
   * @throws What the network says, if the connection is lost.
   */
  async check(sql: postgres.Sql, nowMs: number): Promise<void> {
    const today = dayOf(nowMs);
    if (today === this.#day || nowMs < this.#notBeforeMs) return;
    await this.#attempt(nowMs, async () => {
      const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead);
      await this.#ensure(sql, days);
      if (this.#retentionDays !== undefined) {
        const dropped = await dropExpired(sql, this.#table, this.#retentionDays, nowMs);
        if (dropped.length > 0) this.#log.info(`Dropped what is old: ${dropped.join(", ")}`);
      }
      this.#day = today;
      this.#told = undefined;
    });
  }

  /**
   * Makes sure of the days on which a batch was spooled.
   *
   * @throws What the network says, if the connection is lost.
   */
  async prepare(sql: postgres.Sql, { oldestMs, newestMs }: Batch): Promise<void> {
    const nowMs = Date.now();
    const missing = [...new Set([dayOf(oldestMs), dayOf(newestMs)])]
      .filter((day) => !this.#seen.has(day));
    if (missing.length === 0 || nowMs < this.#notBeforeMs) return;
    await this.#attempt(nowMs, () => this.#ensure(sql, missing));
  }

  async #ensure(sql: postgres.Sql, days: readonly number[]): Promise<void> {
    await ensurePartitions(sql, this.#table, days);
    for (const day of days) this.#seen.add(day);
  }

  /** Tells what goes wrong, and leaves it for a while. */
  async #attempt(nowMs: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isAboutPartitions(error)) throw error;
      this.#notBeforeMs = nowMs + RETRY_MS;
      const { message, code } = error as Error & { code?: unknown };
      const remedy = code === NO_RIGHT
        ? "connect as the table's owner, or have the owner run `nfscribe db init` every day"
        : "this is tried again";
      const told = `Cannot look after the table's days: ${message}; rows without a partition ` +
        `of their day go to the default one; ${remedy}`;
      if (told !== this.#told) this.#log.warn(told);
      this.#told = told;
    }
  }
}

/** Whether the server, or nfscribe, refuses: the connection is not lost. */
function isAboutPartitions(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  // A lock that is held elsewhere (55P03), no right, an object in the way.
  return error instanceof OutputError || (typeof code === "string" && /^(42|55)...$/.test(code));
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}
