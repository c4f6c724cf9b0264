/**
 * Keeps the table's partitions: days to come are made, old ones dropped.
 *
 * @module
 */

import type postgres from "postgres";
import type { OutputLog } from "../../output.ts";
import { dropExpired, ensurePartitions } from "../partitions.ts";
import type { Batch } from "../spool/spool_reader.ts";
import type { Table } from "../table.ts";

const DAY_MS = 86_400_000;
/** How many days to come have a partition. */
const DAYS_AHEAD = 2;
/** `insufficient_privilege` */
const NO_RIGHT = "42501";

/** Looks after the partitions of one table. */
export class Keeper {
  readonly #table: Table;
  readonly #retentionDays: number | undefined;
  readonly #log: OutputLog;
  /** The day that was looked after last, since the Unix epoch. */
  #day = -1;
  /** Days that rows may be of, with a partition. */
  readonly #made = new Set<number>();
  #mayNot = false;

  /** Makes a keeper. */
  constructor(table: Table, retentionDays: number | undefined, log: OutputLog) {
    this.#table = table;
    this.#retentionDays = retentionDays;
    this.#log = log;
  }

  /** Does what is due once a day. */
  async check(sql: postgres.Sql, nowMs: number): Promise<void> {
    const today = dayOf(nowMs);
    if (today === this.#day) return;
    await this.#ensure(sql, Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead));
    if (this.#retentionDays !== undefined && !this.#mayNot) {
      const dropped = await dropExpired(sql, this.#table, this.#retentionDays, nowMs);
      if (dropped.length > 0) this.#log.info(`Dropped what is old: ${dropped.join(", ")}`);
    }
    this.#day = today;
  }

  /** Makes sure of the days on which a batch was spooled. */
  async prepare(sql: postgres.Sql, { oldestMs, newestMs }: Batch): Promise<void> {
    const days = new Set([dayOf(oldestMs), dayOf(newestMs)]);
    const missing = [...days].filter((day) => !this.#made.has(day));
    if (missing.length > 0) await this.#ensure(sql, missing);
  }

  async #ensure(sql: postgres.Sql, days: readonly number[]): Promise<void> {
    if (!this.#mayNot) {
      try {
        await ensurePartitions(sql, this.#table, days);
      } catch (error) {
        if ((error as { code?: unknown }).code !== NO_RIGHT) throw error;
        this.#mayNot = true;
        this.#log.warn(
          "This user may not make or drop partitions: rows go to the default one; " +
            "connect as the table's owner, or have the owner run `nfscribe db init` every day",
        );
      }
    }
    for (const day of days) this.#made.add(day);
  }
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}
