/** A SQLite database as the reader of its tables sees it. */

import type { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../errors.ts";
import { type FileIdentity, isSame, unlessAbsent } from "../../files/place.ts";
import { COUNTS_SUFFIX } from "../table/counts/counted.ts";
import { LOSSES_SUFFIX } from "../table/losses.ts";
import { SPOOLS } from "../table/name.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "../table/nat_question.ts";
import { MICROS_END, microsOf, msOf } from "../table/reader/micros.ts";
import {
  type ArrivalQuery,
  hostsIn,
  SlowQueryError,
  type Store,
  type StoreTable,
  type TallyQuery,
} from "../table/reader/store.ts";
import type { Budget, Cursor, KindSummary } from "../table/reading.ts";
import { RECORD_TABLES } from "../table/record_tables.ts";
import type { TableKind, TableNames } from "../table/record_table.ts";
import { Tally, tallyRows } from "../table/reader/tally.ts";
import type { StoredValue, StoredValues } from "../table/stored_values.ts";
import { PACKETS } from "../table/packets.ts";
import { openForReading, versionOf } from "./open.ts";
import { problemOf } from "./problem.ts";
import { readFlows } from "./query.ts";
import { reading } from "./reading_dialect.ts";
import { quoted } from "./schema.ts";

/** Rows that have arrived of which the newest are looked at: others are skipped. */
const LOOKED_MOST = 20_000n;
/** Rows that are looked at at once in the beginning, and the time beyond which there are fewer. */
const [FIRST_LOOK, SLOW_MS] = [500n, 50];

/** A database file, opened for reading only. */
export class SqliteStore implements Store {
  readonly where: string;
  readonly dialect = reading;
  readonly isOrdered = true;
  losses: string | undefined;
  #database: DatabaseSync;
  #file: FileIdentity | undefined;
  readonly #names: TableNames;
  #tables: ReadonlyMap<TableKind, StoreTable> = new Map();

  /**
   * Opens a file.
   *
   * @throws {OutputError} If there is none, or it has no table of packets.
   */
  constructor(path: string, names: TableNames) {
    this.where = path;
    this.#names = names;
    this.#file = this.#found();
    this.#database = this.#opened();
    this.#explained(() => this.#look());
  }

  /** Looks for tables. */
  look(): Promise<void> {
    if (!this.#follow()) this.#explained(() => this.#look());
    return Promise.resolve();
  }

  table(kind: TableKind): StoreTable | undefined {
    return this.#tables.get(kind);
  }

  async rows(query: string, untilMs: number, signal: AbortSignal): Promise<StoredValues[]> {
    await this.#turn(untilMs, signal);
    return this.#explained(() => {
      const statement = this.#database.prepare(query);
      statement.setReadBigInts(true);
      return statement.all() as StoredValues[];
    });
  }

  async tally(
    query: TallyQuery,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<StoredValues[]> {
    await this.#turn(untilMs, signal);
    return this.#explained(() => {
      const statement = this.#database.prepare(tallyRows(query));
      (statement as unknown as { setReturnArrays(on: boolean): void }).setReturnArrays(true);
      // Another program may have written numbers that are no lengths or ports.
      statement.setReadBigInts(true);
      const tally = new Tally(query);
      for (const row of statement.all() as unknown as StoredValue[][]) tally.add(row);
      return tally.found();
    });
  }

  async arrived(
    { quoted }: StoreTable,
    { columns, condition, limit }: ArrivalQuery,
    after: Cursor | undefined,
    { ms, signal }: Budget,
  ): Promise<{ rows: StoredValues[]; after: Cursor; skipped: number }> {
    const untilMs = performance.now() + ms;
    const [end] = await this.rows(`SELECT max(rowid) AS last FROM ${quoted}`, untilMs, signal);
    const last = (end!.last ?? 0n) as bigint;
    const seen = after === undefined || !/^\d{1,18}$/.test(after) ? last : BigInt(after);
    // Numbers begin again in a table that was emptied.
    if (seen >= last) return { rows: [], after: String(last), skipped: 0 };
    const first = last - seen > LOOKED_MOST ? last - LOOKED_MOST : seen;
    const rows: StoredValues[] = [];
    let [high, size] = [last, FIRST_LOOK];
    try {
      while (high > first && rows.length < limit) {
        const beganMs = performance.now();
        const low = high - size > first ? high - size : first;
        const found = await this.rows(
          `SELECT ${columns} FROM ${quoted} AS record WHERE rowid > ${low} AND rowid <= ${high} ` +
            `AND (${condition}) ORDER BY rowid DESC LIMIT ${limit - rows.length}`,
          untilMs,
          signal,
        );
        rows.push(...found);
        high = low;
        size = performance.now() - beganMs > SLOW_MS ? size / 4n + 1n : size * 2n;
      }
    } catch (error) {
      if (!(error instanceof SlowQueryError)) throw error;
    }
    const from = rows.length < limit ? high : (rows.at(-1)!.row_number as bigint) - 1n;
    return { rows: rows.reverse(), after: String(last), skipped: Number(from - seen) };
  }

  async summary(
    { record, quoted }: StoreTable,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<KindSummary> {
    // Each alone is found at an end of an index.
    const value = async (expression: string, from = quoted) => {
      const [row] = await this.rows(`SELECT ${expression} AS value FROM ${from}`, untilMs, signal);
      return row!.value ?? undefined;
    };
    const [first, last] = [await value("min(rowid)"), await value("max(rowid)")];
    const dated = `${quoted} WHERE time BETWEEN 0 AND ${MICROS_END}`;
    const [oldest, newest] = [await value("min(time)", dated), await value("max(time)", dated)];
    const { kind } = record;
    if (first === undefined) return { kind, rows: 0 };
    return {
      kind,
      rows: Number(last) - Number(first) + 1,
      ...oldest !== undefined && { oldestMs: msOf(microsOf(oldest)) },
      ...newest !== undefined && { newestMs: msOf(microsOf(newest)) },
      ...kind === "packet" && {
        bytes: Number(
          await value("page_count * page_size", "pragma_page_count, pragma_page_size"),
        ),
      },
    };
  }

  hosts(untilMs: number, signal: AbortSignal): Promise<string[]> {
    return hostsIn(this, SPOOLS, untilMs, signal);
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    const { conditions } = this.dialect;
    return answerNat(question, conditions, (found, take) => {
      this.#follow();
      const table = this.#tables.get("flow");
      if (table !== undefined) {
        this.#explained(() =>
          readFlows(this.#database, this.#names.flow, found, question.timeoutMs, take, this.where)
        );
      }
      return Promise.resolve();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  /** Returns the file that is there now; undefined for none. */
  #found(): FileIdentity | undefined {
    return this.#explained(() => unlessAbsent(() => Deno.statSync(this.where)));
  }

  /**
   * Opens the file that is there now, where it is another one: a program may have put it there, or a
   * link. One that is away is read on.
   *
   * @returns Whether it is another one.
   */
  #follow(): boolean {
    const found = this.#found();
    if (found === undefined || this.#file !== undefined && isSame(found, this.#file)) return false;
    const database = this.#opened();
    this.#database.close();
    this.#database = database;
    this.#explained(() => this.#look());
    this.#file = found;
    return true;
  }

  #opened(): DatabaseSync {
    const path = this.where;
    const database = this.#explained(() => openForReading(PACKETS, path, this.#names.packet));
    database.exec("PRAGMA query_only = ON");
    if (database.prepare("PRAGMA query_only").get()!.query_only === 1) return database;
    database.close();
    throw new OutputError(path, `Cannot use ${path}: SQLite does not keep it from being written`);
  }

  /**
   * Lets messages in, and looks for the file. SQLite cannot be stopped from outside, but between two
   * queries.
   */
  async #turn(untilMs: number, signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    if (performance.now() > untilMs) throw new SlowQueryError();
    this.#follow();
  }

  #look(): void {
    const tables = new Map<TableKind, StoreTable>();
    for (const record of RECORD_TABLES) {
      const name = this.#names[record.kind];
      if (versionOf(this.#database, record, this.where, name) === 0) continue;
      const counts = this.#has(name + COUNTS_SUFFIX);
      tables.set(record.kind, { record, quoted: quoted(name), counts });
    }
    this.#tables = tables;
    this.losses = this.#has(this.#names.packet + LOSSES_SUFFIX);
  }

  /** Returns a table's name in SQL; undefined where it is not there. */
  #has(name: string): string | undefined {
    const found = this.#database.prepare(
      "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
    ).get(name);
    return found === undefined ? undefined : quoted(name);
  }

  #explained<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      if (error instanceof OutputError) throw error;
      const { message } = problemOf(error, this.where, "read");
      throw new OutputError(this.where, message, { cause: error });
    }
  }
}
