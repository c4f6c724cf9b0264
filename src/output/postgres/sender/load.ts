/**
 * Batches into the database, each exactly once: a transaction copies the rows
 * and moves the place up to which the database has its session's spool.
 *
 * @module
 */

import type postgres from "postgres";
import type { Problem } from "../connect_error.ts";
import { cutRows } from "../row_reader.ts";
import { copyStatement } from "../schema.ts";
import type { Batch } from "../../../buffer/segment_reader.ts";
import { beside, quoted, type Table } from "../table.ts";
import { copyByHalves, type Refused, refusedUnread } from "./bisect.ts";
import { type CopyOptions, copyRows, messageAround, messageOf, type Transaction } from "./copy.ts";

/** Stands for "the database has nothing of this session". */
export const NOTHING = -1;
/** What {@linkcode Loader.load} gives where the database has some of the batch already. */
export const KNOWN = "known";

/** How to load. */
export interface LoaderOptions {
  /** Where rows go. */
  table: Table;
  /** The host that is noted for the session. */
  host: string;
  /** What an error means. */
  explain: (error: unknown) => Problem;
  /** Keeps rows that the server refuses, before the rest is committed. */
  quarantine: (batch: Batch, refused: readonly Refused[]) => Promise<void>;
  /** The socket of the connection. */
  socket: CopyOptions["socket"];
  /** Called whenever the server has taken something. */
  onProgress: () => void;
}

/** Ends a transaction that would bring rows a second time. */
class KnownBatch extends Error {}

/** Loads batches over one connection. */
export class Loader {
  readonly #sql: postgres.Sql;
  readonly #options: LoaderOptions;
  readonly #copy: CopyOptions;
  readonly #spools: string;

  /** Makes a loader. */
  constructor(sql: postgres.Sql, options: LoaderOptions) {
    this.#sql = sql;
    this.#options = options;
    const { table, socket, onProgress } = options;
    this.#copy = { statement: copyStatement(table), socket, onProgress };
    this.#spools = quoted(beside(options.table, "nfscribe_spools"));
  }

  /** Up to where the database has a session's spool; {@linkcode NOTHING} if it has none of it. */
  async position(session: string): Promise<number> {
    const [row] = await this.#sql.unsafe(
      `SELECT position FROM ${this.#spools} WHERE spool = $1 AND table_name = $2`,
      [session, this.#options.table.name],
    );
    const position = Number(row?.position ?? NOTHING);
    return Number.isSafeInteger(position) ? position : NOTHING;
  }

  /**
   * Loads a batch. Rows that the server refuses are found by halves, and kept apart.
   *
   * @param batch The rows.
   * @param since What {@linkcode position} gave, or the end of the batch before.
   * @returns How many rows were refused; {@linkcode KNOWN} if the database's place
   * is no longer `since`: an earlier try was committed, and its answer was lost.
   * @throws What the server or the network says, if nothing of it is loaded.
   */
  async load(batch: Batch, since: number): Promise<number | typeof KNOWN> {
    try {
      return await this.#transaction(batch, since, async (transaction) => {
        await copyRows(transaction, batch.frames.map(messageAround), this.#copy);
        return batch.records;
      });
    } catch (error) {
      // The server names the fault of strange bytes in many ways, also as one of its own.
      const isStrange = cutRows(batch.frames).strange.length > 0;
      if (!isStrange && this.#options.explain(error).kind !== "row") throw error;
    }
    return await this.#transaction(batch, since, async (transaction) => {
      const { rows, strange } = cutRows(batch.frames);
      const refused = await copyByHalves(rows, {
        explain: this.#options.explain,
        copy: (rows) =>
          transaction.savepoint((part) => copyRows(part, [messageOf(rows)], this.#copy)),
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
   * Moves the session's place to the batch's end. Where it is not where it was
   * last seen, a transaction whose answer was lost has moved it: these rows are
   * a second copy, and the transaction must not be committed.
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
