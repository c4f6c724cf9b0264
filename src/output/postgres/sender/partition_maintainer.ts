/**
 * Keeps the table's partitions: days to come are made, old ones dropped.
 *
 * @module
 */

import type postgres from "postgres";
import { OutputError } from "../../../errors.ts";
import type { OutputLog } from "../../output.ts";
import { dayOf, maintain, oldestDay } from "../maintenance.ts";
import { ensurePartitions } from "../partitions.ts";
import { timeOfRow } from "../row_reader.ts";
import type { Batch } from "../../../buffer/segment_reader.ts";
import type { Table } from "../table.ts";

/** How many days to come have a partition. */
const DAYS_AHEAD = 2;
/** How long after the last look packets of older days are looked after, in milliseconds. */
const OLD_MS = 60_000;
/** How long to leave it after a failure, in milliseconds. */
const RETRY_MS = 60_000;
/** `insufficient_privilege` */
const NO_RIGHT = "42501";

/**
 * Looks after the partitions of one table. Rows do not depend on it: what has no
 * partition of its own goes to the default one, and moves when there is one.
 */
export class PartitionMaintainer {
  readonly #table: Table;
  readonly #retentionDays: number | undefined;
  readonly #log: OutputLog;
  /** The day that was looked after last, since the Unix epoch. */
  #day = -1;
  /** Days that were seen to. */
  readonly #seen = new Set<number>();
  /** When that was: milliseconds since the Unix epoch. */
  #maintainedMs = 0;
  /** Whether packets of older days were sent since. */
  #hasOld = false;
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
   * Does what is due: once a day, and some time after packets of older days were sent.
   *
   * @throws What the network says, if the connection is lost.
   */
  async check(sql: postgres.Sql, nowMs: number): Promise<void> {
    const isDue = dayOf(nowMs) !== this.#day ||
      this.#hasOld && nowMs >= this.#maintainedMs + OLD_MS;
    if (isDue && nowMs >= this.#notBeforeMs) await this.#maintain(sql, nowMs);
  }

  /**
   * Looks once more after packets of older days, at the end.
   *
   * @throws What the network says, if the connection is lost.
   */
  async finish(sql: postgres.Sql, nowMs: number): Promise<void> {
    if (this.#hasOld) await this.#maintain(sql, nowMs);
  }

  /**
   * Makes sure of the days on which a batch was spooled, and of those of its packets
   * as far as that is seen easily: a replayed file has packets of other days.
   *
   * @throws What the network says, if the connection is lost.
   */
  async prepare(sql: postgres.Sql, { frames, heads }: Batch): Promise<void> {
    const nowMs = Date.now();
    const today = dayOf(nowMs);
    const first = oldestDay({ retentionDays: this.#retentionDays, nowMs });
    const days = new Set([dayOf(heads[0]!.timeMs), dayOf(heads.at(-1)!.timeMs)]);
    for (const frame of frames) {
      const day = dayOf(timeOfRow(frame) ?? nowMs);
      // What is further off stays in the default partition, or is deleted there.
      if (day >= first && day <= today + DAYS_AHEAD) days.add(day);
      // The rest of the frame may be of other days: that shows in the default partition.
      if (day < today - 1) this.#hasOld = true;
    }
    const missing = [...days].filter((day) => !this.#seen.has(day));
    if (missing.length === 0 || nowMs < this.#notBeforeMs) return;
    await this.#attempt(nowMs, () => this.#ensure(sql, missing));
  }

  async #maintain(sql: postgres.Sql, nowMs: number): Promise<void> {
    await this.#attempt(nowMs, async () => {
      const today = dayOf(nowMs);
      const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead);
      const work = { days, retentionDays: this.#retentionDays, nowMs };
      const lines = await maintain(sql, this.#table, work);
      for (const line of lines) this.#log.info(`The table's days: ${line}`);
      for (const day of days) this.#seen.add(day);
      this.#day = today;
      this.#maintainedMs = nowMs;
      this.#hasOld = false;
      this.#told = undefined;
    });
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
