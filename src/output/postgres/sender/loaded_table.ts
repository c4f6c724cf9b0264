/** The table of PostgreSQL as batches are loaded into it. */

import type { Duplex } from "node:stream";
import type postgres from "postgres";
import type { Batch } from "../../../buffer/segment_batch.ts";
import type { LoadedTable } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type ReceiverContext } from "../../delivery/receiver.ts";
import { SPOOLS } from "../../table/name.ts";
import { copyStatement } from "../schema.ts";
import { beside, quoted, type Table } from "../table.ts";
import { copyData, copyDataAround, type CopyOptions, copyRows, type Transaction } from "./copy.ts";

/** `untranslatable_character`, `character_not_in_repertoire` */
const NOT_IN_ENCODING = ["22P05", "22021"];

/** Loads batches over one connection. */
export class PostgresTable implements LoadedTable<Transaction> {
  readonly #sql: postgres.Sql;
  readonly #table: Table;
  readonly #context: ReceiverContext;
  readonly #copy: CopyOptions;
  readonly #spools: string;
  readonly explain: LoadedTable<Transaction>["explain"];
  readonly quarantine: LoadedTable<Transaction>["quarantine"];

  /** Prepares statements; `socket` returns the socket of the connection. */
  constructor(
    sql: postgres.Sql,
    table: Table,
    context: ReceiverContext,
    socket: () => Duplex,
    explain: (error: unknown) => Problem,
  ) {
    this.#sql = sql;
    this.#table = table;
    this.#context = context;
    this.explain = explain;
    this.quarantine = context.quarantine;
    const { onProgress } = context;
    this.#copy = { statement: copyStatement(table), socket, onProgress };
    this.#spools = quoted(beside(table, SPOOLS));
  }

  async position(session: string): Promise<number> {
    const [row] = await this.#sql.begin((transaction) =>
      transaction.unsafe(
        `SELECT position FROM ${this.#spools} WHERE spool = $1 AND table_name = $2`,
        [session, this.#table.name],
      )
    );
    const position = Number(row?.position ?? NOTHING);
    return Number.isSafeInteger(position) ? position : NOTHING;
  }

  begin(act: (transaction: Transaction) => Promise<number>): Promise<number> {
    return this.#sql.begin(act) as Promise<number>;
  }

  copyFrames(transaction: Transaction, frames: readonly Uint8Array[]): Promise<void> {
    return copyRows(transaction, frames.map(copyDataAround), this.#copy);
  }

  async copyRows(transaction: Transaction, rows: readonly Uint8Array[]): Promise<void> {
    await transaction.savepoint((part) => copyRows(part, [copyData(rows)], this.#copy));
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
      [batch.session, this.#table.name, batch.to, rows, this.#context.setup.host, since],
    );
    return moved.length > 0;
  }

  isNotInEncoding({ code }: Problem): boolean {
    return NOT_IN_ENCODING.includes(code ?? "");
  }
}
