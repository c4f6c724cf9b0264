/** Drops the table's days that are past the retention. */

import { Clock } from "../../delivery/clock.ts";
import type { OutputLog } from "../../output.ts";
import type { Client } from "../client.ts";
import { dayOf, dropExpired, expiryLines } from "../partitions.ts";

/** Pause after a failure, in milliseconds. */
const RETRY_MS = 60_000;

/** Maintains one table, once a day. */
export class Maintainer {
  readonly #table: string;
  readonly #retentionDays: number | undefined;
  readonly #log: OutputLog;
  readonly #clock: Clock;
  /** The day of the last maintenance, since the Unix epoch. */
  #day = -1;
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
   * Drops days, once a day, when the clock has been steady for so long that it is believed.
   *
   * @param isLost Returns whether an error means that the server is away.
   * @throws The error of a server that is away.
   */
  async check(client: Client, isLost: (error: unknown) => boolean): Promise<void> {
    if (this.#retentionDays === undefined) return;
    const { nowMs, elapsedMs, isSteady } = this.#clock.look();
    const today = dayOf(nowMs);
    if (!isSteady || today === this.#day || elapsedMs < this.#notBeforeMs) return;
    try {
      const expired = await dropExpired(client, this.#table, today, this.#retentionDays, false);
      for (const line of expiryLines(expired)) this.#log.info(`The table's days: ${line}`);
      this.#day = today;
      this.#logged = undefined;
    } catch (error) {
      if (isLost(error)) throw error;
      this.#notBeforeMs = elapsedMs + RETRY_MS;
      const warning =
        `Cannot drop the table's days: ${(error as Error).message}; grant the right to ` +
        "ALTER the table, or run `nfscribe db init` every day as a user who has it";
      if (warning !== this.#logged) this.#log.warn(warning);
      this.#logged = warning;
    }
  }
}
