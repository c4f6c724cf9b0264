/** Maintains the table's partitions: creates those of coming days and drops old ones. */

import type postgres from "postgres";
import { OutputError } from "../../../errors.ts";
import type { OutputLog } from "../../output.ts";
import { dayOf, maintain, oldestDay } from "../maintenance.ts";
import { ensurePartitions } from "../partitions.ts";
import { summarize } from "../summarize.ts";
import { timeOfRow } from "../../table/parse_row.ts";
import type { Batch } from "../../../buffer/segment_batch.ts";
import type { Table } from "../table.ts";
import { Clock, type Moment, STEADY_MINUTES } from "../../delivery/clock.ts";

/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

/** Number of coming days that have a partition. */
const DAYS_AHEAD = 2;
/**
 * Delay after the last maintenance until packets of older days cause another one, in milliseconds.
 */
const OLD_MS = 60_000;
/** Pause after a failure, in milliseconds. */
const RETRY_MS = 60_000;
/** Interval of bringing the indexes on time up to date, in milliseconds. */
const SUMMARIZE_MS = 60_000;
/** `insufficient_privilege` */
const NO_RIGHT = "42501";

/**
 * Maintains the partitions of one table. Rows do not depend on it: those without a partition go to
 * the default one, and are moved when there is one.
 */
export class PartitionMaintainer {
  readonly #table: Table;
  readonly #retentionDays: number | undefined;
  readonly #log: OutputLog;
  /** The day of the last maintenance, since the Unix epoch. */
  #day = -1;
  /** Days that have a partition. */
  readonly #seen = new Set<number>();
  readonly #clock: Clock;
  /** The last day on which days past the retention were dropped. */
  #expiredDay = -1;
  /** Time of the last rows of a day, by the monotonic clock. */
  readonly #writtenMs = new Map<number, number>();
  /** Time of the last maintenance, by the monotonic clock. */
  #maintainedMs = 0;
  /** Whether packets of older days were sent since. */
  #hasOld = false;
  /** Whether rows were sent since the indexes were brought up to date, and the time of that. */
  #hasNew = false;
  #summarizedMs = -Infinity;
  /** Earliest time of the next attempt, by the monotonic clock. */
  #notBeforeMs = -Infinity;
  #logged: string | undefined;
  /** Lines that were logged since the day began: days that are not dropped stay the same. */
  readonly #lines = new Set<string>();

  constructor(
    table: Table,
    retentionDays: number | undefined,
    log: OutputLog,
    clock: Clock = new Clock(),
  ) {
    this.#clock = clock;
    this.#table = table;
    this.#retentionDays = retentionDays;
    this.#log = log;
  }

  /**
   * Performs maintenance that is due: once a day, some time after packets of older days were sent,
   * and when the clock has been steady for so long that days may be dropped.
   *
   * @throws The network's error, if the connection is lost.
   */
  async check(sql: postgres.Sql): Promise<void> {
    const moment = this.#look();
    const { nowMs, elapsedMs } = moment;
    const isDue = dayOf(nowMs) !== this.#day ||
      this.#mayExpire(moment) && dayOf(nowMs) !== this.#expiredDay ||
      this.#hasOld && elapsedMs >= this.#maintainedMs + OLD_MS;
    if (isDue && elapsedMs >= this.#notBeforeMs) await this.#maintain(sql, moment);
    if (this.#hasNew && elapsedMs >= this.#summarizedMs + SUMMARIZE_MS) {
      this.#summarizedMs = elapsedMs;
      this.#hasNew = false;
      const today = dayOf(nowMs);
      await this.#attempt(moment, () => summarize(sql, this.#table, [today - 1, today]));
    }
  }

  /**
   * Performs maintenance at the end if packets of older days were sent.
   *
   * @throws The network's error, if the connection is lost.
   */
  async finish(sql: postgres.Sql): Promise<void> {
    if (this.#hasOld) await this.#maintain(sql, this.#look());
  }

  /**
   * Creates partitions for the days on which a batch was spooled, and for the days of its packets
   * as far as these are easy to find: a replayed file has packets of other days.
   *
   * @throws The network's error, if the connection is lost.
   */
  async prepare(sql: postgres.Sql, { frames, heads }: Batch): Promise<void> {
    this.#hasNew = true;
    const moment = this.#look();
    const { nowMs, elapsedMs } = moment;
    const today = dayOf(nowMs);
    const first = oldestDay({ retentionDays: this.#retentionDays, nowMs });
    const days = new Set([dayOf(heads[0]!.timeMs), dayOf(heads.at(-1)!.timeMs)]);
    for (const frame of frames) {
      const day = dayOf(timeOfRow(frame) ?? nowMs);
      // Rows of days further off stay in the default partition, or are deleted there.
      if (day >= first && day <= today + DAYS_AHEAD) days.add(day);
      // The rest of the frame may be of other days, which the default partition shows.
      if (day < today - 1) this.#hasOld = true;
    }
    for (const day of days) this.#writtenMs.set(day, elapsedMs);
    const missing = [...days].filter((day) => !this.#seen.has(day));
    if (missing.length === 0 || elapsedMs < this.#notBeforeMs) return;
    await this.#attempt(moment, () => this.#ensure(sql, missing));
  }

  /** Looks at the clock, and logs that it was set if that postpones the retention. */
  #look(): Moment {
    const moment = this.#clock.look();
    if (moment.jumpMs !== 0 && this.#retentionDays !== undefined) {
      const seconds = Math.round(Math.abs(moment.jumpMs) / 1000);
      const direction = moment.jumpMs > 0 ? "forward" : "back";
      this.#log.info(
        `The clock was set ${direction} by ${seconds} s: days past retention_days are dropped ` +
          `when it has been steady for ${STEADY_MINUTES} minutes`,
      );
    }
    return moment;
  }

  #mayExpire({ isSteady }: Moment): boolean {
    return this.#retentionDays !== undefined && isSteady;
  }

  /** Returns the days that this process has written within the retention, by the monotonic clock. */
  #keptDays({ elapsedMs }: Moment): ReadonlySet<number> {
    const mostMs = this.#retentionDays! * DAY_MS;
    for (const [day, writtenMs] of this.#writtenMs) {
      if (elapsedMs - writtenMs > mostMs) this.#writtenMs.delete(day);
    }
    return new Set(this.#writtenMs.keys());
  }

  async #maintain(sql: postgres.Sql, moment: Moment): Promise<void> {
    const { nowMs, elapsedMs } = moment;
    await this.#attempt(moment, async () => {
      const today = dayOf(nowMs);
      const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead);
      const mayExpire = this.#mayExpire(moment);
      const expiry = mayExpire ? { keptDays: this.#keptDays(moment) } : "none" as const;
      const work = { days, retentionDays: this.#retentionDays, nowMs, expiry };
      const lines = await maintain(sql, this.#table, work);
      if (mayExpire) this.#expiredDay = today;
      if (today !== this.#day) this.#lines.clear();
      for (const line of lines.filter((line) => !this.#lines.has(line))) {
        this.#log.info(`The table's days: ${line}`);
        this.#lines.add(line);
      }
      for (const day of days) this.#seen.add(day);
      this.#day = today;
      this.#maintainedMs = elapsedMs;
      this.#hasOld = false;
      this.#logged = undefined;
    });
  }

  async #ensure(sql: postgres.Sql, days: readonly number[]): Promise<void> {
    await ensurePartitions(sql, this.#table, days);
    for (const day of days) this.#seen.add(day);
  }

  /** Logs a failure, and pauses for a while. */
  async #attempt({ elapsedMs }: Moment, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isAboutPartitions(error)) throw error;
      this.#notBeforeMs = elapsedMs + RETRY_MS;
      const { message, code } = error as Error & { code?: unknown };
      const remedy = code === NO_RIGHT
        ? "connect as the table's owner, or have the owner run `nfscribe db init` every day"
        : "this is tried again";
      const warning =
        `Cannot maintain the table's partitions: ${message}; rows without a partition ` +
        `of their day go to the default partition; ${remedy}`;
      if (warning !== this.#logged) this.#log.warn(warning);
      this.#logged = warning;
    }
  }
}

/** Returns whether the server, or nfscribe, refused: the connection is not lost. */
function isAboutPartitions(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  // A lock that another session holds (55P03), no privilege, an object in the way.
  return error instanceof OutputError || (typeof code === "string" && /^(42|55)...$/.test(code));
}
