/** Readers of the tables of a database, for pages that show them. Pure types. */

import type { NatAnswer, NatQuestion } from "./nat_question.ts";
import type { TableKind } from "./record_table.ts";
import type { StoredRecord } from "./stored_record.ts";

/** Kinds of record whose tables can be looked through. */
export type StoredKind = Exclude<TableKind, "counter">;

/** Place in a table, in the order of time or of arrival. Only its reader knows its form. */
export type Cursor = string;

/** Times from `fromMs` to before `toMs`, in milliseconds since the Unix epoch. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Choice of records of a table. */
export interface Choice {
  /** Kind of the records. */
  kind: StoredKind;
  /** Expression that chooses them; undefined for all. */
  where?: string | undefined;
  /** Their times. */
  span: Span;
}

/** A record in the structured form, and its address in the store: `id` is a flow's own. */
export type Row = StoredRecord & { rowId: string };

/** Limits of an answer. */
export interface Budget {
  /** Time after which an answer comes with the records found by then, in milliseconds. */
  ms: number;
  /** Cancels the question: its promise is rejected with the signal's reason. */
  signal: AbortSignal;
}

/** Part of a span that an answer is about. */
export interface Reach {
  /** Whether the whole span was looked through. */
  isComplete: boolean;
  /** Time from which on everything was looked through, in milliseconds since the Unix epoch. */
  reachedMs: number;
}

/** Some records, the newest first. */
export interface Page extends Reach {
  rows: Row[];
  /** Place at which the next page begins; undefined at the end of the span. */
  before?: Cursor | undefined;
}

/** Records in the order of their arrival. */
export interface Arrivals {
  rows: Row[];
  /** Place behind all that has arrived. */
  after: Cursor;
  /** Rows left out because too many had arrived; those that the expression excludes may be among them. */
  skipped: number;
}

/** Keys by which a chart is stacked. */
export type ChartKey = "prefix" | "protocol" | "host" | "capture";

/** Key of a chart for all values that it does not name. */
export const OTHER_KEY = "other";

/** Counts by time and key. */
export interface Chart extends Reach {
  /** Width of a bucket, in milliseconds; that asked for, or a multiple of it. */
  stepMs: number;
  /** Start of the first bucket, in milliseconds since the Unix epoch. */
  startMs: number;
  /** The most frequent values, and {@linkcode OTHER_KEY} where there are more; "" where there is none. */
  keys: string[];
  /** Packets by key and bucket; of flows, records. */
  packets: number[][];
  /** Bytes by key and bucket. */
  bytes: number[][];
  /** Whether the counts are those of the rows. */
  isExact: boolean;
}

/** Fields by which records are counted. */
export type TopKey =
  | "source"
  | "destination"
  | "sourcePort"
  | "destinationPort"
  | "protocol"
  | "prefix"
  | "in"
  | "out"
  | "uid"
  | "host";

/** A value and its records. */
export interface TopEntry {
  value: string;
  /** Packets; of flows, records. */
  packets: number;
  bytes: number;
}

/** The most frequent values of fields, each list in falling order. */
export interface Top extends Reach {
  /** Records that were counted. */
  counted: number;
  lists: Partial<Record<TopKey, TopEntry[]>>;
}

/** Packets or events that the kernel had to drop. */
export interface StoredLoss {
  /** Time at which the loss was noticed, in milliseconds since the Unix epoch. */
  timeMs: number;
  host?: string | undefined;
  capture: string;
  packets: number;
}

/** Contents of a table, as far as it is quickly known. */
export interface KindSummary {
  kind: TableKind;
  /** Rows; of a server an estimate. */
  rows?: number | undefined;
  oldestMs?: number | undefined;
  newestMs?: number | undefined;
  bytes?: number | undefined;
}

/** Contents of a store. */
export interface StoreSummary {
  /** Tables that there are. */
  kinds: KindSummary[];
  /** Hosts that have written rows. */
  hosts: string[];
  /** The database, without a password. */
  where: string;
  isReadOnly: true;
  /** Whether the database's user may write, which only the connection's setting prevents. */
  mayWrite: boolean;
}

/** A record with the bytes that were stored of it. */
export interface FoundRecord {
  record: StoredRecord;
  payload?: Uint8Array | undefined;
}

/**
 * Reader of a store over one connection, which cannot write. Each question is rejected with an
 * `ExpressionError` for a wrong expression, and with an `OutputError` where the database refuses.
 */
export interface StoreReader extends AsyncDisposable {
  /** Looks at what there is, without counting rows one by one. */
  summary(budget: Budget): Promise<StoreSummary>;
  /** Reads records, the newest first. */
  page(choice: Choice, limit: number, before: Cursor | undefined, budget: Budget): Promise<Page>;
  /**
   * Reads records that were written after a place, the newest last.
   *
   * @param after The place; undefined to read none and get the present end.
   */
  arrived(
    choice: Omit<Choice, "span">,
    after: Cursor | undefined,
    limit: number,
    budget: Budget,
  ): Promise<Arrivals>;
  /** Counts records by time and key. */
  chart(choice: Choice, stepMs: number, by: ChartKey, budget: Budget): Promise<Chart>;
  /** Counts records by fields, all in one pass. */
  top(choice: Choice, keys: TopKey[], limit: number, budget: Budget): Promise<Top>;
  /** Finds a record by its address; undefined where it is gone. */
  record(kind: StoredKind, id: string, budget: Budget): Promise<FoundRecord | undefined>;
  /** Finds losses, in the order of time. */
  losses(span: Span, budget: Budget): Promise<StoredLoss[]>;
  /** Reads records with their bytes, the oldest first, until `take` returns false. */
  each(
    choice: Choice,
    take: (row: Row, payload: Uint8Array | undefined) => Promise<boolean>,
    budget: Budget,
  ): Promise<void>;
  /** Finds flows by the address and port that stand for those of one end. */
  translations(question: NatQuestion): Promise<NatAnswer>;
}
