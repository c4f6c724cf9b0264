/** Tables of SQLite as batches are loaded into them. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Batch } from "../../../buffer/segment_batch.ts";
import { messageOf } from "../../../errors.ts";
import type { Lost } from "../../delivery/losses.ts";
import type { LoadedTables } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type ReceiverContext } from "../../delivery/receiver.ts";
import { type Count, isCounted } from "../../table/counts/counted.ts";
import { SPOOLS } from "../../table/name.ts";
import type { RecordTable, TableKind, TableNames } from "../../table/record_table.ts";
import { RowValues, type Value } from "../../table/row_values.ts";
import { countStatement, insertStatement, lossStatement } from "../schema.ts";
import { SqliteReceived } from "./received.ts";

/** Rows of a statement: more are hardly faster, and what is left is inserted row by row. */
const ROWS = 100;
/** Statements that are kept prepared; packets of a firewall need a few. */
const STATEMENTS_MOST = 64;
/** Columns whose bits fit into a number of 32 bits without its sign. */
const BITS = 30;

/** A prepared statement, the columns that it has values of, and room for these values. */
interface Insertion {
  statement: StatementSync;
  columns: readonly number[];
  values: Value[];
}

/** Inserts rows into one table. */
class Inserter {
  readonly #database: DatabaseSync;
  readonly #record: RecordTable;
  readonly #table: string;
  readonly #values: RowValues;
  readonly #width: number;
  /** Values of the rows of a statement. */
  readonly #rows: Value[];
  /** Insertions by the number of their rows and their columns. */
  readonly #insertions = new Map<number, Insertion>();

  constructor(database: DatabaseSync, record: RecordTable, table: string) {
    this.#database = database;
    this.#record = record;
    this.#table = table;
    this.#values = new RowValues(record.form);
    this.#width = record.columns.length;
    this.#rows = Array<Value>(ROWS * this.#width).fill(null);
  }

  /** Inserts the rows of frames. */
  insert(frames: readonly Uint8Array[]): void {
    let filled = 0;
    for (const frame of frames) {
      for (let at = 0; at < frame.length;) {
        at = this.#values.read(frame, at, this.#rows, filled * this.#width);
        if (++filled < ROWS) continue;
        this.#run(0, ROWS);
        filled = 0;
      }
    }
    for (let row = 0; row < filled; row++) this.#run(row, 1);
  }

  /** Inserts rows; columns that are null in all of them are left out, which is quicker. */
  #run(first: number, count: 1 | typeof ROWS): void {
    const [rows, width] = [this.#rows, this.#width];
    const end = (first + count) * width;
    let [low, high] = [0, 0];
    for (let column = 0; column < width; column++) {
      for (let at = first * width + column; at < end; at += width) {
        if (rows[at] === null) continue;
        if (column < BITS) low |= 1 << column;
        else high |= 1 << column - BITS;
        break;
      }
    }
    const { statement, columns, values } = this.#insertion(high * 2 ** BITS + low, count);
    let to = 0;
    for (let at = first * width; at < end; at += width) {
      for (let index = 0; index < columns.length; index++) {
        values[to++] = rows[at + columns[index]!]!;
      }
    }
    statement.run(...values);
  }

  /** Returns the statement for columns, a bit each. */
  #insertion(used: number, count: number): Insertion {
    const key = count === 1 ? used : -1 - used;
    const known = this.#insertions.get(key);
    if (known !== undefined) return known;
    if (this.#insertions.size >= STATEMENTS_MOST) this.#insertions.clear();
    const columns = this.#record.columns.flatMap((_, column) =>
      Math.floor(used / 2 ** column) % 2 === 1 ? [column] : []
    );
    const insert = insertStatement(this.#record, this.#table, count, columns);
    const statement = this.#database.prepare(insert);
    const made = { statement, columns, values: Array<Value>(count * columns.length).fill(null) };
    this.#insertions.set(key, made);
    return made;
  }
}

/** Loads batches. Transactions belong to the connection. */
export class SqliteTables implements LoadedTables<void> {
  readonly #database: DatabaseSync;
  readonly #names: TableNames;
  readonly #host: string;
  readonly #inserters = new Map<TableKind, Inserter>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly explain: LoadedTables<void>["explain"];
  readonly quarantine: LoadedTables<void>["quarantine"];
  readonly received: SqliteReceived;

  /** Prepares statements. */
  constructor(
    database: DatabaseSync,
    { setup, quarantine }: ReceiverContext,
    explain: (error: unknown) => Problem,
  ) {
    this.#database = database;
    this.#names = setup.tables;
    this.#host = setup.host;
    this.received = new SqliteReceived(database, setup.tables.packet);
    this.explain = explain;
    this.quarantine = quarantine;
    // Prepared statements tell SQLite's code of an error.
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
  }

  position(session: string): number {
    const row = this.#database.prepare(
      `SELECT position FROM ${SPOOLS} WHERE spool = ? AND table_name = ?`,
    ).get(session, this.#names.packet);
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

  copyFrames(_: void, record: RecordTable, frames: readonly Uint8Array[]): Promise<void> {
    this.#inserter(record).insert(frames);
    return Promise.resolve();
  }

  copyRows(_: void, record: RecordTable, rows: readonly Uint8Array[]): Promise<void> {
    this.#database.exec("SAVEPOINT part");
    try {
      this.#inserter(record).insert(rows);
    } catch (error) {
      if (!this.#database.isTransaction) throw this.#ended(error);
      this.#database.exec("ROLLBACK TO part; RELEASE part");
      throw error;
    }
    this.#database.exec("RELEASE part");
    return Promise.resolve();
  }

  counts(record: RecordTable): boolean {
    return isCounted(record);
  }

  addCounts(_: void, { kind }: RecordTable, counts: readonly Count[]): Promise<void> {
    const statement = this.#database.prepare(countStatement(this.#names[kind]));
    for (const { step, start, host, capture, prefix, protocol, records, bytes } of counts) {
      const micros = BigInt(start) * 1_000_000n;
      statement.run(step, micros, host, capture, prefix, protocol, records, bytes);
    }
    return Promise.resolve();
  }

  addLosses(_: void, losses: readonly Lost[]): Promise<void> {
    const statement = this.#database.prepare(lossStatement(this.#names.packet));
    for (const { micros, host, capture, session, packets } of losses) {
      const uuid = Uint8Array.fromHex(session.replaceAll("-", ""));
      statement.run(micros, host, capture, uuid, packets);
    }
    return Promise.resolve();
  }

  advance(_: void, batch: Batch, since: number, rows: number): Promise<boolean> {
    const { changes } = this.#database.prepare(
      `INSERT INTO ${SPOOLS} (spool, table_name, position, rows, host) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (spool, table_name) DO UPDATE
SET position = excluded.position, rows = rows + excluded.rows, updated = excluded.updated
WHERE position = ?`,
    ).run(batch.session, this.#names.packet, batch.to, rows, this.#host, since);
    return Promise.resolve(Number(changes) > 0);
  }

  /**
   * Returns the error of a transaction that has ended before its time, on a full disk or by a trigger's
   * `RAISE(ROLLBACK)`. It is none of a row: what came behind would be committed alone.
   */
  #ended(error: unknown): unknown {
    if (this.explain(error).kind !== "row") return error;
    return new Error(`a trigger has ended the transaction: ${messageOf(error)}`, { cause: error });
  }

  #inserter(record: RecordTable): Inserter {
    let inserter = this.#inserters.get(record.kind);
    if (inserter === undefined) {
      inserter = new Inserter(this.#database, record, this.#names[record.kind]);
      this.#inserters.set(record.kind, inserter);
    }
    return inserter;
  }
}
