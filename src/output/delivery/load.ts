/**
 * Loads batches into a database, each exactly once: a transaction copies the rows and advances the
 * session's recorded position in the spool.
 */

import type { Batch } from "../../buffer/segment_batch.ts";
import { type Count, isCounted } from "../table/counts/counted.ts";
import { RowCounter } from "../table/counts/row_counter.ts";
import { cutRows } from "../table/parse_row.ts";
import type { RecordTable } from "../table/record_table.ts";
import { framesByTable, tableOfRow } from "../table/record_tables.ts";
import { StrangeRowError } from "../table/row_cursor.ts";
import { copyByHalves, type Refused, refusedUnread, type Trial } from "./bisect.ts";
import { type Chunk, type ChunkedBatch, type Frames, splitChunks } from "./chunks.ts";
import { claim, type ReceivedTable } from "./claims.ts";
import { inAscii, LOSS_TAG, type Lost, type SplitBatch, splitLosses } from "./losses.ts";
import type { Problem } from "./problem.ts";
import { KNOWN, type Loaded } from "./receiver.ts";

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
  /** Whether there is a table with counts beside that of records; absent where there never is. */
  counts?(record: RecordTable): boolean;
  /** Adds counts of rows that were copied. */
  addCounts?(
    transaction: Transaction,
    record: RecordTable,
    counts: readonly Count[],
  ): Promise<void>;
  /** Adds losses; absent where there is no table for them. */
  addLosses?(transaction: Transaction, losses: readonly Lost[]): Promise<void>;
  /** Table of the chunks that are there; absent where it is missing. */
  received?: ReceivedTable<Transaction> | undefined;
  /** Stores refused rows before the rest is committed. */
  quarantine(batch: Batch, refused: readonly Refused[]): Promise<void>;
}

/** Aborts a transaction that would load rows a second time. */
class KnownBatch extends Error {}

/** Part of a batch that a transaction loads: without chunks that are there already. */
interface Part extends SplitBatch {
  /** Number of its records. */
  records: number;
}

/**
 * Loads a batch, as `Receiver.load` says. Chunks that are there already are left out; refused rows are
 * found by halving, and quarantined.
 */
export async function loadBatch<Transaction>(
  tables: LoadedTables<Transaction>,
  batch: Batch,
  since: number,
): Promise<Loaded | typeof KNOWN> {
  const chunked = splitChunks(batch);
  let part: Part | undefined;
  const loaded = (refused: number | typeof KNOWN): Loaded | typeof KNOWN =>
    refused === KNOWN ? KNOWN : {
      refused,
      repeated: batch.records - chunked.discarded - part!.records,
      discarded: chunked.discarded,
    };
  let isPlain = false;
  try {
    const refused = await transact(tables, batch, since, async (transaction) => {
      part = undefined;
      const { frames, losses, strange, records } = part = await partOf(
        tables,
        transaction,
        chunked,
        batch,
      );
      for (const [record, some] of framesByTable(frames)) {
        if (record === undefined) throw new StrangeRowError();
        const counter = counterOf(tables, record);
        await both(tables.copyFrames(transaction, record, some), countInTurns(counter, some));
        await addCounts(tables, transaction, record, counter);
      }
      if (strange.length > 0) throw new StrangeRowError();
      if (losses.length > 0) await tables.addLosses?.(transaction, losses);
      return { rows: records, refused: 0 };
    });
    return loaded(refused);
  } catch (error) {
    if (part === undefined) throw error;
    // Strange bytes may cause any error, also an internal one.
    const { frames, strange } = part;
    const isStrange = strange.length > 0 || cutRows(frames).strange.length > 0;
    const problem = explained(tables, error);
    if (!isStrange && problem.kind !== "row") throw error;
    isPlain = tables.isNotInEncoding?.(problem) ?? false;
  }
  const refused = await transact(tables, batch, since, async (transaction) => {
    const { frames, losses, strange: unread, records } = part = await partOf(
      tables,
      transaction,
      chunked,
      batch,
    );
    const { rows, strange } = cutRows(frames);
    const refused: Refused[] = [];
    for (const [record, some] of Map.groupBy(rows, tableOfRow)) {
      const counter = counterOf(tables, record!);
      const found = await copyByHalves(some, {
        explain: (error) => explained(tables, error),
        isNotInEncoding: (problem) => tables.isNotInEncoding?.(problem) ?? false,
        async copy(rows) {
          await tables.copyRows(transaction, record!, rows);
          counter?.add(rows);
        },
      });
      refused.push(...found);
      await addCounts(tables, transaction, record!, counter);
    }
    if (losses.length > 0) {
      await tables.addLosses?.(transaction, isPlain ? losses.map(inAscii) : losses);
    }
    const kept = [...[...unread, ...strange].map(refusedUnread), ...refused];
    if (kept.length > 0) await tables.quarantine(batch, kept);
    // Who can write the spool can have a frame say that it holds fewer rows.
    const loaded = Math.min(records, rows.length - refused.length);
    return { rows: loaded, refused: records - loaded };
  });
  return loaded(refused);
}

/** Claims the chunks of a batch, and returns what is to be loaded. */
async function partOf<Transaction>(
  { received }: LoadedTables<Transaction>,
  transaction: Transaction,
  { others, chunks, discarded }: ChunkedBatch,
  { records }: Batch,
): Promise<Part> {
  const taken = await claim(received, transaction, chunks);
  const repeated = recordsOf(chunks) - recordsOf(taken);
  const split = splitLosses(taken.length === 0 ? others : withChunks(others, taken));
  return { ...split, records: records - discarded - repeated };
}

/** Adds the frames of chunks to others. */
function withChunks({ frames, heads }: Frames, chunks: readonly Chunk[]): Frames {
  const rows = chunks.flatMap(({ rows }) => rows);
  const losses = chunks.flatMap(({ losses }) => losses);
  return {
    frames: [...frames, ...rows, ...losses],
    heads: [
      ...heads,
      ...rows.map(() => ({ tag: 0 })),
      ...losses.map(() => ({ tag: LOSS_TAG })),
    ],
  };
}

function recordsOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { records }) => sum + records, 0);
}

/** Counts frame by frame, so that others are sent meanwhile. */
async function countInTurns(
  counter: RowCounter | undefined,
  frames: readonly Uint8Array[],
): Promise<void> {
  if (counter === undefined) return;
  for (const frame of frames) {
    await new Promise((resolve) => setImmediate(resolve));
    counter.add([frame]);
  }
}

/** Waits until both are over, whether they fail or not. */
async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([one, other])) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** Returns a counter of a table's rows; undefined where they are not counted. */
function counterOf<Transaction>(
  tables: LoadedTables<Transaction>,
  record: RecordTable,
): RowCounter | undefined {
  return isCounted(record) && tables.counts?.(record) === true ? new RowCounter(record) : undefined;
}

async function addCounts<Transaction>(
  tables: LoadedTables<Transaction>,
  transaction: Transaction,
  record: RecordTable,
  counter: RowCounter | undefined,
): Promise<void> {
  const counts = counter?.counts() ?? [];
  if (counts.length > 0) await tables.addCounts!(transaction, record, counts);
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
  copy: (transaction: Transaction) => Promise<{ rows: number; refused: number }>,
): Promise<number | typeof KNOWN> {
  try {
    return await tables.begin(async (transaction) => {
      const { rows, refused } = await copy(transaction);
      if (!await tables.advance(transaction, batch, since, rows)) throw new KnownBatch();
      return refused;
    });
  } catch (error) {
    if (error instanceof KnownBatch) return KNOWN;
    throw error;
  }
}
