/** The table of SQLite as batches are loaded into it. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Batch } from "../../../buffer/segment_batch.ts";
import type { LoadedTable } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type ReceiverContext } from "../../delivery/receiver.ts";
import { COLUMNS } from "../../table/columns.ts";
import { RowValues, type Value } from "../../table/row_values.ts";
import { insertStatement, SPOOLS } from "../schema.ts";

/** Rows of a statement: more are hardly faster. */
const ROWS = 40;

/** Loads batches. Transactions belong to the connection. */
export class SqliteTable implements LoadedTable<void> {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #host: string;
  readonly #values = new RowValues();
  readonly #many: StatementSync;
  readonly #one: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly explain: LoadedTable<void>["explain"];
  readonly quarantine: LoadedTable<void>["quarantine"];
  /** Values of the rows of a statement. */
  #pending: Value[] = [];

  /** Prepares statements. */
  constructor(
    database: DatabaseSync,
    table: string,
    { setup, quarantine }: ReceiverContext,
    explain: (error: unknown) => Problem,
  ) {
    this.#database = database;
    this.#table = table;
    this.#host = setup.host;
    this.explain = explain;
    this.quarantine = quarantine;
    this.#many = database.prepare(insertStatement(table, ROWS));
    this.#one = database.prepare(insertStatement(table, 1));
    // Prepared statements tell SQLite's code of an error.
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
  }

  position(session: string): number {
    const row = this.#database.prepare(
      `SELECT position FROM ${SPOOLS} WHERE spool = ? AND table_name = ?`,
    ).get(session, this.#table);
    return Number(row?.position ?? NOTHING);
  }

  async begin(act: () => Promise<number>): Promise<number> {
    this.#begin.run();
    try {
      const result = await act();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  copyFrames(_: void, frames: readonly Uint8Array[]): Promise<void> {
    this.#insert(frames);
    return Promise.resolve();
  }

  copyRows(_: void, rows: readonly Uint8Array[]): Promise<void> {
    this.#database.exec("SAVEPOINT part");
    try {
      this.#insert(rows);
    } catch (error) {
      this.#database.exec("ROLLBACK TO part");
      throw error;
    } finally {
      this.#database.exec("RELEASE part");
    }
    return Promise.resolve();
  }

  advance(_: void, batch: Batch, since: number, rows: number): Promise<boolean> {
    const { changes } = this.#database.prepare(
      `INSERT INTO ${SPOOLS} (spool, table_name, position, rows, host) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (spool, table_name) DO UPDATE
SET position = excluded.position, rows = rows + excluded.rows, updated = excluded.updated
WHERE position = ?`,
    ).run(batch.session, this.#table, batch.to, rows, this.#host, since);
    return Promise.resolve(Number(changes) > 0);
  }

  #insert(frames: readonly Uint8Array[]): void {
    const width = COLUMNS.length;
    const values = this.#pending = this.#pending.length === 0
      ? Array<Value>(ROWS * width).fill(null)
      : this.#pending;
    let filled = 0;
    for (const frame of frames) {
      for (let at = 0; at < frame.length;) {
        at = this.#values.read(frame, at, values, filled);
        filled += width;
        if (filled < values.length) continue;
        this.#many.run(...values);
        filled = 0;
      }
    }
    for (let at = 0; at < filled; at += width) this.#one.run(...values.slice(at, at + width));
  }
}
