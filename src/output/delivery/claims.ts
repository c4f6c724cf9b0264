/**
 * Claims of chunks: in the transaction that has its rows a chunk is entered into a table, so that
 * another nfscribe, or this one at another time, does not load them again.
 */

import { OutputError } from "../../errors.ts";
import type { Chunk } from "./chunks.ts";
import { Spans } from "./spans.ts";

/** A lane of a sender's session. */
export interface Lane {
  session: string;
  lane: string;
}

/** A lane with the chunks that the database has, as text. */
export interface ReceivedLane extends Lane {
  spans: string;
}

/** The table of claims, over one connection. */
export interface ReceivedTable<Transaction> {
  /** Its name, for messages. */
  readonly name: string;
  /** Reads lanes, as far as they are there, and locks them until the transaction's end. */
  read(transaction: Transaction, lanes: readonly Lane[]): Promise<ReceivedLane[]>;
  /** Adds lanes without chunks; those that another transaction has added stay as they are. */
  begin(transaction: Transaction, lanes: readonly Lane[]): Promise<void>;
  /** Writes lanes that are there. */
  write(transaction: Transaction, lanes: readonly ReceivedLane[]): Promise<void>;
  /** Removes lanes that were not written for {@linkcode FORGET_DAYS}. */
  forget(transaction: Transaction): Promise<void>;
}

/**
 * Days after which a session that sends nothing is forgotten: a spool that brings chunks of it later
 * brings them again.
 */
export const FORGET_DAYS = 90;

/**
 * Claims chunks.
 *
 * @returns Those that the database does not have.
 * @throws {OutputError} If the table is missing, or holds something else.
 */
export async function claim<Transaction>(
  table: ReceivedTable<Transaction> | undefined,
  transaction: Transaction,
  chunks: readonly Chunk[],
): Promise<Chunk[]> {
  if (chunks.length === 0) return [];
  if (table === undefined) {
    throw new OutputError(
      "nfscribe_received",
      "Cannot write rows of other hosts: the table nfscribe_received, which tells those that come " +
        "again, is missing; make it with nfscribe db init, or set create = true",
    );
  }
  const lanes = lanesOf(chunks);
  const received = byKey(await table.read(transaction, lanes));
  const missing = lanes.filter((lane) => !received.has(keyOf(lane)));
  if (missing.length > 0) {
    await table.begin(transaction, missing);
    for (const lane of await table.read(transaction, missing)) received.set(keyOf(lane), lane);
    await table.forget(transaction);
  }
  const spans = new Map(lanes.map((lane) => {
    const key = keyOf(lane);
    return [key, spansOf(received.get(key), table.name)];
  }));
  const taken = chunks.filter(({ origin }) =>
    spans.get(keyOf(origin))!.add(origin, origin.previous)
  );
  const changed = lanes.map(({ session, lane }) => ({
    session,
    lane,
    spans: String(spans.get(keyOf({ session, lane }))),
  })).filter((lane) => lane.spans !== received.get(keyOf(lane))!.spans);
  if (changed.length > 0) await table.write(transaction, changed);
  return taken;
}

/** Returns the lanes of chunks, in an order that is the same in every process: they are locked in it. */
function lanesOf(chunks: readonly Chunk[]): Lane[] {
  const lanes = new Map(chunks.map(({ origin }) => {
    const { session, lane } = origin;
    return [keyOf(origin), { session, lane }];
  }));
  return [...lanes.keys()].sort().map((key) => lanes.get(key)!);
}

function byKey(lanes: readonly ReceivedLane[]): Map<string, ReceivedLane> {
  return new Map(lanes.map((lane) => [keyOf(lane), lane]));
}

function keyOf({ session, lane }: Lane): string {
  return `${session} ${lane}`;
}

function spansOf(lane: ReceivedLane | undefined, table: string): Spans {
  try {
    if (lane === undefined) throw new Error("a row of it is not there once it was written");
    return new Spans(lane.spans);
  } catch (error) {
    throw new OutputError(
      table,
      `Cannot use the table ${table}: ${
        (error as Error).message
      }; which other program writes to it?`,
      { cause: error },
    );
  }
}
