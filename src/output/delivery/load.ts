/**
 * Loads batches into a database, each exactly once: a transaction copies the rows and advances the
 * session's recorded position in the spool.
 */

import type { Batch } from "../../buffer/segment_batch.ts";
import { cutRows } from "../table/parse_row.ts";
import type { RecordTable } from "../table/record_table.ts";
import { framesByTable, tableOfRow } from "../table/record_tables.ts";
import { StrangeRowError } from "../table/row_cursor.ts";
import { copyByHalves, type Refused, refusedUnread, type Trial } from "./bisect.ts";
import type { Problem } from "./problem.ts";
import { KNOWN } from "./receiver.ts";

/** The tables of an output, over one connection. */
export interface LoadedTables<Transaction> extends Omit<Trial, "copy"> {
  /** Runs a transaction, which is committed unless the function throws. */
  begin(act: (transaction: Transaction) => Promise<number>): Promise<number>;
  /**
   * Copies whole frames into a table, whose heads may be overwritten; behind a first row of that
   * table, they may hold anything.
   */
  copyFrames(
    transaction: Transaction,
    record: RecordTable,
    frames: readonly Uint8Array[],
  ): Promise<void>;
  /** Copies rows into a table so that a failure undoes only these. */
  copyRows(
    transaction: Transaction,
    record: RecordTable,
    rows: readonly Uint8Array[],
  ): Promise<void>;
  /**
   * Advances the session's recorded position to the batch's end.
   *
   * @returns Whether the position was still `since`.
   */
  advance(transaction: Transaction, batch: Batch, since: number, rows: number): Promise<boolean>;
  /** Stores refused rows before the rest is committed. */
  quarantine(batch: Batch, refused: readonly Refused[]): Promise<void>;
}

/** Aborts a transaction that would load rows a second time. */
class KnownBatch extends Error {}

/** Loads a batch, as `Receiver.load` says. Refused rows are found by halving, and quarantined. */
export async function loadBatch<Transaction>(
  tables: LoadedTables<Transaction>,
  batch: Batch,
  since: number,
): Promise<number | typeof KNOWN> {
  try {
    return await transact(tables, batch, since, async (transaction) => {
      for (const [record, frames] of framesByTable(batch.frames)) {
        if (record === undefined) throw new StrangeRowError();
        await tables.copyFrames(transaction, record, frames);
      }
      return batch.records;
    });
  } catch (error) {
    // Strange bytes may cause any error, also an internal one.
    const isStrange = cutRows(batch.frames).strange.length > 0;
    if (!isStrange && explained(tables, error).kind !== "row") throw error;
  }
  return await transact(tables, batch, since, async (transaction) => {
    const { rows, strange } = cutRows(batch.frames);
    const refused: Refused[] = [];
    for (const [record, some] of Map.groupBy(rows, tableOfRow)) {
      const found = await copyByHalves(some, {
        explain: (error) => explained(tables, error),
        isNotInEncoding: (problem) => tables.isNotInEncoding?.(problem) ?? false,
        copy: (rows) => tables.copyRows(transaction, record!, rows),
      });
      refused.push(...found);
    }
    const kept = [...strange.map(refusedUnread), ...refused];
    if (kept.length > 0) await tables.quarantine(batch, kept);
    // Who can write the spool can have a frame say that it holds fewer rows.
    return Math.min(batch.records, rows.length - refused.length);
  });
}

/** Explains an error; a value that no column can hold is found before it is sent. */
function explained({ explain }: Pick<Trial, "explain">, error: unknown): Problem {
  if (!(error instanceof StrangeRowError)) return explain(error);
  return { kind: "row", message: error.message, code: undefined };
}

/**
 * Runs a transaction. If the position has changed, a transaction whose answer was lost has advanced
 * it: these rows are a second copy, and the transaction must not be committed.
 */
async function transact<Transaction>(
  tables: LoadedTables<Transaction>,
  batch: Batch,
  since: number,
  copy: (transaction: Transaction) => Promise<number>,
): Promise<number | typeof KNOWN> {
  try {
    return await tables.begin(async (transaction) => {
      const rows = await copy(transaction);
      if (!await tables.advance(transaction, batch, since, rows)) throw new KnownBatch();
      return batch.records - rows;
    });
  } catch (error) {
    if (error instanceof KnownBatch) return KNOWN;
    throw error;
  }
}
