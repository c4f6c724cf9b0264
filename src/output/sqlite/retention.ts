/** Deletes packets that are past the retention, some at a time, and gives back their space. */

import type { DatabaseSync } from "node:sqlite";
import { COLUMNS } from "../table/columns.ts";
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

/** Deletes packets of a table. */
export class Expiry {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #retention: Retention;
  /** Whether `retentionBytes` is exceeded by other tables of the file, so that nothing is deleted for it. */
  isExceededByOthers = false;

  constructor(database: DatabaseSync, table: string, retention: Retention) {
    this.#database = database;
    this.#table = quoted(table);
    this.#retention = retention;
  }

  /** Whether there is a limit. */
  get isOn(): boolean {
    const { retentionDays, retentionRows, retentionBytes } = this.#retention;
    return (retentionDays ?? retentionRows ?? retentionBytes) !== undefined;
  }

  /** Returns whether most packets are past `retentionDays`: by a wrong clock, or after a long pause. */
  isMostDue(nowMs: number): boolean {
    const { retentionDays } = this.#retention;
    if (retentionDays === undefined) return false;
    const [first, last] = this.#ends();
    if (last === undefined) return false;
    const middle = this.#get(
      `SELECT time FROM ${this.#table} WHERE rowid >= ? ORDER BY rowid LIMIT 1`,
      Math.floor((first! + last) / 2),
    );
    return middle !== undefined && middle < dueBefore(nowMs, retentionDays);
  }

  /**
   * Deletes some of the packets that are due.
   *
   * @param nowMs The current time; undefined to let `retentionDays` rest.
   * @returns How many were deleted; there may be more if it is not 0.
   */
  deleteSome(nowMs: number | undefined): number {
    const deleted = this.#byAge(nowMs) || this.#byRows() || this.#byBytes();
    if (deleted > 0) this.#giveBack();
    return deleted;
  }

  #byAge(nowMs: number | undefined): number {
    const { retentionDays } = this.#retention;
    if (retentionDays === undefined || nowMs === undefined) return 0;
    return this.#delete(
      `WHERE rowid IN (SELECT rowid FROM ${this.#table} WHERE time < ? ORDER BY time LIMIT ?)`,
      dueBefore(nowMs, retentionDays),
      ROWS_MOST,
    );
  }

  #byRows(): number {
    const { retentionRows } = this.#retention;
    if (retentionRows === undefined) return 0;
    const [first, last] = this.#ends();
    if (last === undefined || last - first! < retentionRows) return 0;
    return this.#deleteTo(Math.min(last - retentionRows, first! + ROWS_MOST - 1));
  }

  #byBytes(): number {
    const { retentionBytes } = this.#retention;
    if (retentionBytes === undefined) return 0;
    const used = this.#get(
      "SELECT (page_count - freelist_count) * page_size AS used " +
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    )!;
    const [first, last] = this.#ends();
    if (used <= retentionBytes || last === undefined) return 0;
    const rows = last - first! + 1;
    this.isExceededByOthers = used - retentionBytes >= rows * this.#rowSize();
    if (this.isExceededByOthers) return 0;
    const share = Math.ceil(rows * (1 - retentionBytes / used));
    return this.#deleteTo(first! + Math.min(share, ROWS_MOST) - 1);
  }

  /** Returns how many bytes a row takes in the file, indexes included, rather too many. */
  #rowSize(): number {
    const size = COLUMNS.map(([name]) => `coalesce(octet_length(${quoted(name)}), 0)`).join(" + ");
    const mean = this.#get(
      `SELECT CAST(avg(size) AS INTEGER) FROM ` +
        `(SELECT ${size} AS size FROM ${this.#table} ORDER BY rowid DESC LIMIT ${SAMPLED})`,
    );
    return ROW_OVERHEAD + 2 * (mean ?? 0);
  }

  /** Gives back free pages where there are so many that new packets do not soon take them. */
  #giveBack(): void {
    const isMuch = this.#get(
      "SELECT freelist_count > page_count / 4 FROM pragma_freelist_count, pragma_page_count",
    );
    // Each page is a row of the result: the statement goes on while they are taken.
    if (isMuch) this.#database.prepare(`PRAGMA incremental_vacuum(${PAGES})`).all();
  }

  /** Numbers of the oldest and the newest row, in the order of writing. */
  #ends(): [first: number | undefined, last: number | undefined] {
    // Each alone is found without looking at other rows.
    return [
      this.#get(`SELECT min(rowid) FROM ${this.#table}`),
      this.#get(`SELECT max(rowid) FROM ${this.#table}`),
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

  #get(query: string, ...values: number[]): number | undefined {
    const statement = this.#database.prepare(query);
    statement.setReadBigInts(true);
    const row = statement.get(...values);
    const value = row === undefined ? null : Object.values(row)[0]!;
    return value === null ? undefined : Number(value);
  }
}

/** Returns the time before which packets are due, in microseconds since the Unix epoch. */
function dueBefore(nowMs: number, retentionDays: number): number {
  return Math.floor(nowMs) * 1000 - retentionDays * DAY_MICROS;
}
