/** The table of PostgreSQL as batches are loaded into it. */

import type { Duplex } from "node:stream";
import type postgres from "postgres";
import type { Batch } from "../../../buffer/segment_batch.ts";
import type { Lost } from "../../delivery/losses.ts";
import type { LoadedTables } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type ReceiverContext } from "../../delivery/receiver.ts";
import type { Count } from "../../table/counts/counted.ts";
import { SPOOLS } from "../../table/name.ts";
import type { RecordTable, TableKind } from "../../table/record_table.ts";
import { copyStatement } from "../schema.ts";
import { addCountsStatement, addLossesStatement } from "../schema/counts.ts";
import { beside as placeBeside, quoted, type Table } from "../table.ts";
import { copyData, copyDataAround, type CopyOptions, copyRows, type Transaction } from "./copy.ts";
import { PostgresReceived } from "./received.ts";

/** `untranslatable_character`, `character_not_in_repertoire` */
const NOT_IN_ENCODING = ["22P05", "22021"];

/** Counts of a statement. */
const COUNTS_MOST = 500;

/** Tables beside those of records, as far as they are there: older tables have none. */
export interface TablesBeside {
  /** Tables whose rows are counted. */
  counted: ReadonlySet<RecordTable>;
  /** Whether there is a table for losses. */
  hasLosses: boolean;
  /** Whether there is a table for chunks that have arrived. */
  hasReceived: boolean;
}

/** Loads batches over one connection. */
export class PostgresTables implements LoadedTables<Transaction> {
  readonly #sql: postgres.Sql;
  readonly #tables: Readonly<Record<TableKind, Table>>;
  readonly #context: ReceiverContext;
  readonly #beside: TablesBeside;
  readonly #socket: () => Duplex;
  readonly #spools: string;
  readonly explain: LoadedTables<Transaction>["explain"];
  readonly quarantine: LoadedTables<Transaction>["quarantine"];
  readonly received: PostgresReceived | undefined;

  /** Prepares statements; `socket` returns the socket of the connection. */
  constructor(
    sql: postgres.Sql,
    tables: Readonly<Record<TableKind, Table>>,
    beside: TablesBeside,
    context: ReceiverContext,
    socket: () => Duplex,
    explain: (error: unknown) => Problem,
  ) {
    this.#sql = sql;
    this.#tables = tables;
    this.#context = context;
    this.explain = explain;
    this.quarantine = context.quarantine;
    this.#socket = socket;
    this.#beside = beside;
    if (beside.hasReceived) this.received = new PostgresReceived(tables.packet);
    this.#spools = quoted(placeBeside(tables.packet, SPOOLS));
  }

  async position(session: string): Promise<number> {
    const [row] = await this.#sql.begin((transaction) =>
      transaction.unsafe(
        `SELECT position FROM ${this.#spools} WHERE spool = $1 AND table_name = $2`,
        [session, this.#tables.packet.name],
      )
    );
    const position = Number(row?.position ?? NOTHING);
    return Number.isSafeInteger(position) ? position : NOTHING;
  }

  begin(act: (transaction: Transaction) => Promise<number>): Promise<number> {
    return this.#sql.begin(act) as Promise<number>;
  }

  copyFrames(
    transaction: Transaction,
    record: RecordTable,
    frames: readonly Uint8Array[],
  ): Promise<void> {
    return copyRows(transaction, frames.map(copyDataAround), this.#copyOf(record));
  }

  async copyRows(
    transaction: Transaction,
    record: RecordTable,
    rows: readonly Uint8Array[],
  ): Promise<void> {
    await transaction.savepoint((part) => copyRows(part, [copyData(rows)], this.#copyOf(record)));
  }

  counts(record: RecordTable): boolean {
    return this.#beside.counted.has(record);
  }

  async addCounts(
    transaction: Transaction,
    { kind }: RecordTable,
    counts: readonly Count[],
  ): Promise<void> {
    for (let from = 0; from < counts.length; from += COUNTS_MOST) {
      const some = counts.slice(from, from + COUNTS_MOST);
      await transaction.unsafe(addCountsStatement(this.#tables[kind], some));
      this.#context.onProgress();
    }
  }

  async addLosses(transaction: Transaction, losses: readonly Lost[]): Promise<void> {
    if (!this.#beside.hasLosses) return;
    await transaction.unsafe(addLossesStatement(this.#tables.packet, losses));
  }

  async advance(
    transaction: Transaction,
    batch: Batch,
    since: number,
    rows: number,
  ): Promise<boolean> {
    const moved = await transaction.unsafe(
      `INSERT INTO ${this.#spools} AS spool (spool, table_name, position, rows, host)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (spool, table_name) DO UPDATE
       SET position = excluded.position, rows = spool.rows + excluded.rows, updated = now()
       WHERE spool.position = $6
       RETURNING position`,
      [batch.session, this.#tables.packet.name, batch.to, rows, this.#context.setup.host, since],
    );
    return moved.length > 0;
  }

  #copyOf(record: RecordTable): CopyOptions {
    const statement = copyStatement(record, this.#tables[record.kind]);
    return { statement, socket: this.#socket, onProgress: this.#context.onProgress };
  }

  isNotInEncoding({ code }: Problem): boolean {
    return NOT_IN_ENCODING.includes(code ?? "");
  }
}
