/**
 * Loads batches into the database, each exactly once: a transaction copies the rows and advances
 * the session's recorded position in the spool.
 */

import type postgres from "postgres";
import type { Problem } from "../connect_error.ts";
import { cutRows } from "../row_reader.ts";
import { copyStatement } from "../schema.ts";
import type { Batch } from "../../../buffer/segment_batch.ts";
import { beside, quoted, type Table } from "../table.ts";
import { copyByHalves, type Refused, refusedUnread } from "./bisect.ts";
import { copyData, copyDataAround, type CopyOptions, copyRows, type Transaction } from "./copy.ts";

/** Position of a session that the database does not know. */
export const NOTHING = -1;
/** Result of {@linkcode Loader.load} if the database has part of the batch already. */
export const KNOWN = "known";

/** Options of a {@linkcode Loader}. */
export interface LoaderOptions {
  /** The destination table. */
  table: Table;
  /** The host recorded for the session. */
  host: string;
  /** Explains an error. */
  explain: (error: unknown) => Problem;
  /** Stores refused rows before the rest is committed. */
  quarantine: (batch: Batch, refused: readonly Refused[]) => Promise<void>;
  /** Returns the socket of the connection. */
  socket: CopyOptions["socket"];
  /** Called whenever the server has accepted data. */
  onProgress: () => void;
}

/** Aborts a transaction that would load rows a second time. */
class KnownBatch extends Error {}

/** Loads batches over one connection. */
export class Loader {
  readonly #sql: postgres.Sql;
  readonly #options: LoaderOptions;
  readonly #copy: CopyOptions;
  readonly #spools: string;

  constructor(sql: postgres.Sql, options: LoaderOptions) {
    this.#sql = sql;
    this.#options = options;
    const { table, socket, onProgress } = options;
    this.#copy = { statement: copyStatement(table), socket, onProgress };
    this.#spools = quoted(beside(options.table, "nfscribe_spools"));
  }

  /** Returns the recorded position in a session's spool; {@linkcode NOTHING} if there is none. */
  async position(session: string): Promise<number> {
    const [row] = await this.#sql.unsafe(
      `SELECT position FROM ${this.#spools} WHERE spool = $1 AND table_name = $2`,
      [session, this.#options.table.name],
    );
    const position = Number(row?.position ?? NOTHING);
    return Number.isSafeInteger(position) ? position : NOTHING;
  }

  /**
   * Loads a batch. Refused rows are found by halving, and quarantined.
   *
   * @param batch The rows.
   * @param since Result of {@linkcode position}, or the end of the previous batch.
   * @returns The number of refused rows; {@linkcode KNOWN} if the recorded position is no longer
   *   `since`: an earlier try was committed, and its answer was lost.
   * @throws The error of the server or the network, if nothing was loaded.
   */
  async load(batch: Batch, since: number): Promise<number | typeof KNOWN> {
    try {
      return await this.#transaction(batch, since, async (transaction) => {
        await copyRows(transaction, batch.frames.map(copyDataAround), this.#copy);
        return batch.records;
      });
    } catch (error) {
      // The server reports strange bytes by many errors, also as an internal one.
      const isStrange = cutRows(batch.frames).strange.length > 0;
      if (!isStrange && this.#options.explain(error).kind !== "row") throw error;
    }
    return await this.#transaction(batch, since, async (transaction) => {
      const { rows, strange } = cutRows(batch.frames);
      const refused = await copyByHalves(rows, {
        explain: this.#options.explain,
        copy: (rows) =>
          transaction.savepoint((part) => copyRows(part, [copyData(rows)], this.#copy)),
      });
      const kept = [...strange.map(refusedUnread), ...refused];
      if (kept.length > 0) await this.#options.quarantine(batch, kept);
      // Who can write the spool can have a frame say that it holds fewer rows.
      return Math.min(batch.records, rows.length - refused.length);
    });
  }

  async #transaction(
    batch: Batch,
    since: number,
    copy: (transaction: Transaction) => Promise<number>,
  ): Promise<number | typeof KNOWN> {
    try {
      return await this.#sql.begin(async (transaction) => {
        const rows = await copy(transaction);
        await this.#advance(transaction, batch, since, rows);
        return batch.records - rows;
      });
    } catch (error) {
      if (error instanceof KnownBatch) return KNOWN;
      throw error;
    }
  }

  /**
   * Advances the recorded position to the batch's end. If the position has changed, a transaction
   * whose answer was lost has advanced it: these rows are a second copy, and the transaction must
   * not be committed.
   */
  async #advance(
    transaction: Transaction,
    batch: Batch,
    since: number,
    rows: number,
  ): Promise<void> {
    const { table, host } = this.#options;
    const moved = await transaction.unsafe(
      `INSERT INTO ${this.#spools} AS spool (spool, table_name, position, rows, host)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (spool, table_name) DO UPDATE
       SET position = excluded.position, rows = spool.rows + excluded.rows, updated = now()
       WHERE spool.position = $6
       RETURNING position`,
      [batch.session, table.name, batch.to, rows, host, since],
    );
    if (moved.length === 0) throw new KnownBatch();
  }
}
