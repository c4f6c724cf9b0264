/** The table of PostgreSQL as batches are loaded into it. */

import type { Duplex } from "node:stream";
import type postgres from "postgres";
import type { Batch } from "../../../buffer/segment_batch.ts";
import type { LoadedTables } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type ReceiverContext } from "../../delivery/receiver.ts";
import { SPOOLS } from "../../table/name.ts";
import type { RecordTable, TableKind } from "../../table/record_table.ts";
import { copyStatement } from "../schema.ts";
import { beside, quoted, type Table } from "../table.ts";
import { copyData, copyDataAround, type CopyOptions, copyRows, type Transaction } from "./copy.ts";

/** `untranslatable_character`, `character_not_in_repertoire` */
const NOT_IN_ENCODING = ["22P05", "22021"];

/** Loads batches over one connection. */
export class PostgresTables implements LoadedTables<Transaction> {
  readonly #sql: postgres.Sql;
  readonly #tables: Readonly<Record<TableKind, Table>>;
  readonly #context: ReceiverContext;
  readonly #socket: () => Duplex;
  readonly #spools: string;
  readonly explain: LoadedTables<Transaction>["explain"];
  readonly quarantine: LoadedTables<Transaction>["quarantine"];

  /** Prepares statements; `socket` returns the socket of the connection. */
  constructor(
    sql: postgres.Sql,
    tables: Readonly<Record<TableKind, Table>>,
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
    this.#spools = quoted(beside(tables.packet, SPOOLS));
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
