/** Deletes records that are past the retention, some at a time, and gives back their space. */

import type { DatabaseSync } from "node:sqlite";
import { COUNTS_SUFFIX, isCounted, STEPS } from "../table/counts/counted.ts";
import { LOSSES_SUFFIX } from "../table/losses.ts";
import type { RecordTable } from "../table/record_table.ts";
import type { SqliteOptions } from "./options.ts";
import { quoted } from "./schema.ts";

/** Rows that are deleted at once: writers and readers wait that long. */
const ROWS_MOST = 20_000;
/** Pages that are given back to the file system at once. */
const PAGES = 2000;
/** Rows whose sizes are looked at, and bytes of a row beside its values. */
const [SAMPLED, ROW_OVERHEAD] = [100, 100];
const DAY_MICROS = 86_400_000_000;

/** Limits of what is kept. */
export type Retention = Pick<SqliteOptions, "retentionDays" | "retentionRows" | "retentionBytes">;

/** Deletes records of one table. */
class TableExpiry {
  readonly #database: DatabaseSync;
  readonly #record: RecordTable;
  readonly #name: string;
  readonly #table: string;
  readonly #retention: Retention;

  constructor(database: DatabaseSync, record: RecordTable, table: string, retention: Retention) {
    this.#database = database;
    this.#record = record;
    this.#name = table;
    this.#table = quoted(table);
    this.#retention = retention;
  }

  /** Returns whether most records are past `retentionDays`: by a wrong clock, or after a long pause. */
  isMostDue(nowMs: number): boolean {
    const { retentionDays } = this.#retention;
    if (retentionDays === undefined) return false;
    const [first, last] = this.#ends();
    if (last === undefined) return false;
    const middle = getNumber(
      this.#database,
      `SELECT time FROM ${this.#table} WHERE rowid >= ? ORDER BY rowid LIMIT 1`,
      Math.floor((first! + last) / 2),
    );
    return middle !== undefined && middle < dueBefore(nowMs, retentionDays);
  }

  /** Deletes some records that are past `retentionDays`; returns how many. */
  byAge(nowMs: number): number {
    const { retentionDays } = this.#retention;
    if (retentionDays === undefined) return 0;
    return this.#delete(
      `WHERE rowid IN (SELECT rowid FROM ${this.#table} WHERE time < ? ORDER BY time LIMIT ?)`,
      dueBefore(nowMs, retentionDays),
      ROWS_MOST,
    );
  }

  /** Deletes some records beyond `retentionRows`; returns how many. */
  byRows(): number {
    const { retentionRows } = this.#retention;
    if (retentionRows === undefined) return 0;
    const [first, last] = this.#ends();
    if (last === undefined || last - first! < retentionRows) return 0;
    return this.#deleteTo(Math.min(last - retentionRows, first! + ROWS_MOST - 1));
  }

  /** Returns how many bytes the table takes in the file, indexes included, rather too many. */
  size(): number {
    const [first, last] = this.#ends();
    if (last === undefined) return 0;
    const size = this.#record.columns
      .map(([name]) => `coalesce(octet_length(${quoted(name)}), 0)`).join(" + ");
    const mean = getNumber(
      this.#database,
      `SELECT CAST(avg(size) AS INTEGER) FROM ` +
        `(SELECT ${size} AS size FROM ${this.#table} ORDER BY rowid DESC LIMIT ${SAMPLED})`,
    );
    return (last - first! + 1) * (ROW_OVERHEAD + 2 * (mean ?? 0));
  }

  /** Deletes a share of the records, the oldest, some at a time; returns how many. */
  share(share: number): number {
    const [first, last] = this.#ends();
    if (last === undefined) return 0;
    const rows = Math.ceil((last - first! + 1) * share);
    return this.#deleteTo(first! + Math.min(rows, ROWS_MOST) - 1);
  }

  /** Deletes counts and losses of times before the oldest record. */
  deleteBeside(nowMs: number | undefined): void {
    const { retentionDays } = this.#retention;
    const oldest = getNumber(this.#database, `SELECT min(time) FROM ${this.#table}`) ??
      (nowMs === undefined || retentionDays === undefined
        ? undefined
        : dueBefore(nowMs, retentionDays));
    if (oldest === undefined || !isCounted(this.#record)) return;
    const deletion = this.#database.prepare(
      `DELETE FROM ${quoted(this.#name + COUNTS_SUFFIX)} WHERE step = ? AND start <= ?`,
    );
    // An interval that has a record left is kept whole.
    for (const step of STEPS) deletion.run(step, oldest - step * 1_000_000);
    if (this.#record.kind !== "packet") return;
    this.#database.prepare(`DELETE FROM ${quoted(this.#name + LOSSES_SUFFIX)} WHERE time < ?`)
      .run(oldest);
  }

  /** Numbers of the oldest and the newest row, in the order of writing. */
  #ends(): [first: number | undefined, last: number | undefined] {
    // Each alone is found without looking at other rows.
    return [
      getNumber(this.#database, `SELECT min(rowid) FROM ${this.#table}`),
      getNumber(this.#database, `SELECT max(rowid) FROM ${this.#table}`),
    ];
  }

  #deleteTo(rowid: number): number {
    return this.#delete("WHERE rowid <= ?", rowid);
  }

  #delete(where: string, ...values: number[]): number {
    const { changes } = this.#database.prepare(`DELETE FROM ${this.#table} ${where}`)
      .run(...values);
    return Number(changes);
  }
}

/** Deletes records of the tables of a file. */
export class Expiry {
  readonly #database: DatabaseSync;
  readonly #retention: Retention;
  readonly #tables: TableExpiry[] = [];
  /** Whether `retentionBytes` is exceeded by other tables of the file, so that nothing is deleted for it. */
  isExceededByOthers = false;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#database = database;
    this.#retention = retention;
  }

  /** Adds a table, which must be there. */
  add(record: RecordTable, table: string): void {
    this.#tables.push(new TableExpiry(this.#database, record, table, this.#retention));
  }

  /** Whether there is a limit. */
  get isOn(): boolean {
    const { retentionDays, retentionRows, retentionBytes } = this.#retention;
    return (retentionDays ?? retentionRows ?? retentionBytes) !== undefined;
  }

  /** Returns whether most of a table is past `retentionDays`, and is held back for that. */
  isMostDue(nowMs: number): boolean {
    return this.#tables.some((table) => table.isMostDue(nowMs));
  }

  /**
   * Deletes some of the records that are due.
   *
   * @param nowMs The current time; undefined to let `retentionDays` rest.
   * @param mayDeleteMost Whether most of a table may be deleted for its age.
   * @returns How many were deleted; there may be more if it is not 0.
   */
  deleteSome(nowMs: number | undefined, mayDeleteMost: boolean): number {
    let deleted = 0;
    for (const table of this.#tables) {
      const mayExpire = nowMs !== undefined && (mayDeleteMost || !table.isMostDue(nowMs));
      deleted += mayExpire && table.byAge(nowMs) || table.byRows();
    }
    deleted ||= this.#byBytes();
    if (deleted > 0) {
      for (const table of this.#tables) table.deleteBeside(nowMs);
      this.#giveBack();
    }
    return deleted;
  }

  #byBytes(): number {
    const { retentionBytes } = this.#retention;
    if (retentionBytes === undefined) return 0;
    const used = getNumber(
      this.#database,
      "SELECT (page_count - freelist_count) * page_size AS used " +
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    )!;
    if (used <= retentionBytes) return 0;
    const sizes = this.#tables.map((table) => table.size());
    const size = sizes.reduce((sum, size) => sum + size, 0);
    if (size === 0) return 0;
    this.isExceededByOthers = used - retentionBytes >= size;
    if (this.isExceededByOthers) return 0;
    const share = 1 - retentionBytes / used;
    return this.#tables.reduce((sum, table) => sum + table.share(share), 0);
  }

  /** Gives back free pages where there are so many that new rows do not soon take them. */
  #giveBack(): void {
    const isMuch = getNumber(
      this.#database,
      "SELECT freelist_count > page_count / 4 FROM pragma_freelist_count, pragma_page_count",
    );
    // Each page is a row of the result: the statement goes on while they are taken.
    if (isMuch) this.#database.prepare(`PRAGMA incremental_vacuum(${PAGES})`).all();
  }
}

/** Returns the number that a query finds; undefined for none. */
function getNumber(
  database: DatabaseSync,
  query: string,
  ...values: number[]
): number | undefined {
  const statement = database.prepare(query);
  statement.setReadBigInts(true);
  const row = statement.get(...values);
  const value = row === undefined ? null : Object.values(row)[0]!;
  return value === null ? undefined : Number(value);
}

/** Returns the time before which records are due, in microseconds since the Unix epoch. */
function dueBefore(nowMs: number, retentionDays: number): number {
  return Math.floor(nowMs) * 1000 - retentionDays * DAY_MICROS;
}
