/** Asks the server which rows of a spool have arrived, in whatever run of nfscribe. */

import type { ReceiverContext } from "../../delivery/receiver.ts";
import type { Client } from "../client.ts";
import type { DayBlock } from "../day_block.ts";
import type { FoundTable } from "../migrate.ts";
import { dayOfName } from "../partitions.ts";
import { literal, quoted, timeOf } from "../schema.ts";
import { ServerError } from "../server_error.ts";

/** Interval of looks for an insert that still runs, in milliseconds. */
const LOOK_MS = 100;
/** Longest wait for it, in milliseconds. */
const RUNNING_MOST_MS = 30_000;
/** Wait for it where this user may not look, in milliseconds. */
const BLIND_MS = 2000;
/** `ACCESS_DENIED` */
const DENIED = "497";

/** Positions up to which the table has the rows of a day, by day. */
export type Arrived = ReadonlyMap<number, number>;
/** No position. */
export const NOTHING_ARRIVED: Arrived = new Map();

/** Rows of one spool in the tables of a server. */
export class Arrivals {
  readonly #client: Client;
  readonly #log: ReceiverContext["log"];
  readonly #spool: string;
  /** Whether an insert may still run whose answer did not arrive, as after a start. */
  mayRun = true;

  /** Asks nothing yet. */
  constructor(client: Client, log: ReceiverContext["log"], spool: string) {
    this.#client = client;
    this.#log = log;
    this.#spool = spool;
  }

  /** Asks up to where a table has rows of blocks, once no earlier insert of the spool still runs. */
  async of(form: FoundTable, byDay: ReadonlyMap<number, DayBlock>): Promise<Arrived> {
    if (byDay.size === 0) return NOTHING_ARRIVED;
    if (this.mayRun) await this.#untilNoneRuns();
    this.mayRun = false;
    const { table, engine, isModern } = form;
    if (engine.startsWith("Replicated")) {
      await this.#client.run(`SYSTEM SYNC REPLICA ${quoted(table)}`);
    }
    const blocks = [...byDay.values()];
    const first = Math.min(...blocks.map(({ firstSecond }) => firstSecond));
    const last = Math.max(...blocks.map(({ lastSecond }) => lastSecond));
    const time = (second: number) => timeOf(second, isModern);
    const rows = await this.#client.rows(
      `SELECT toYYYYMMDD(time) AS day, toString(max(position)) AS last FROM ${quoted(table)} ` +
        `WHERE spool = toUUID(${literal(this.#spool)}) ` +
        `AND time >= ${time(first)} AND time <= ${time(last + 1)} GROUP BY day`,
    );
    return new Map(
      rows.map(({ day, last }) => [dayOfName(String(day)), Number(last)] as const)
        // Others of the same seconds may have come with an earlier batch.
        .filter(([day, last]) => last >= (byDay.get(day)?.first ?? Infinity)),
    );
  }

  /** Waits until the server has ended inserts whose connection was lost. */
  async #untilNoneRuns(): Promise<void> {
    const begin = performance.now();
    for (let quiet = 0; quiet < 2; quiet++) {
      const running = await this.#running();
      if (running === undefined) return await pause(BLIND_MS);
      if (running > 0) quiet = -1;
      if (performance.now() - begin > RUNNING_MOST_MS) {
        throw Object.assign(new Error("an earlier insert still runs"), {
          code: "CONNECTION_ENDED",
        });
      }
      // A request that the server has not begun to read is not among them yet.
      if (quiet < 1) await pause(LOOK_MS);
    }
  }

  /** Returns how many inserts of the spool run; undefined if this user may not look. */
  async #running(): Promise<number | undefined> {
    try {
      const [row] = await this.#client.rows(
        "SELECT toString(count()) AS n FROM system.processes " +
          `WHERE query_id LIKE '${queryPrefix(this.#spool)}%'`,
      );
      return Number(row?.n);
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== DENIED) throw error;
      this.#log.info(
        "The user may not read system.processes: after each connection nfscribe waits " +
          `${BLIND_MS / 1000} s for inserts that may still run; grant SELECT on it`,
      );
      return undefined;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Beginning of the identifiers of a spool's inserts. */
export function queryPrefix(spool: string): string {
  return `nfscribe.${spool}.`;
}
