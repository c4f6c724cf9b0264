/** Answers the questions of pages that show a store, the same way for every database. */

import { OutputError } from "../../../errors.ts";
import { conditionFor } from "../condition.ts";
import type { NatAnswer, NatQuestion } from "../nat_question.ts";
import type {
  Arrivals,
  Budget,
  Chart,
  ChartKey,
  Choice,
  Cursor,
  FoundRecord,
  Page,
  Row,
  Span,
  StoredKind,
  StoredLoss,
  StoreReader,
  StoreSummary,
  Top,
  TopKey,
} from "../reading.ts";
import { STRUCTURED_VERSION } from "../../../packet/structured.ts";
import type { RecordTable } from "../record_table.ts";
import { type StoredRecord, storedRecord } from "../stored_record.ts";
import { storedTime, type StoredValues } from "../stored_values.ts";
import { readChart } from "./chart.ts";
import { microsOf, microSpan, msOf } from "./micros.ts";
import { readPage, type Scan } from "./scan.ts";
import { columnsOf, numberOf, SlowQueryError, type Store, type StoreTable } from "./store.ts";
import { readTop } from "./top.ts";

/** Rows that are read at once for a download. */
const CHUNK = 200;
/** Rows that may have the same address. */
const SAME_MOST = 1000;
/** Most losses of an answer. */
const LOSSES_MOST = 10_000;
/** Interval of looks for tables that are missing, in milliseconds. */
const LOOK_MS = 500;
/** Place before the first row of a table that is not there yet. */
const NO_TABLE: Cursor = "none";
/** Most rows of a table that was made since then. */
const FIRST_ROWS = 1000;
const ALL = "TRUE";

/** Reads the tables of a database. */
export class TableReader implements StoreReader {
  readonly #store: Store;
  readonly #mayWrite: boolean;
  #lookedMs = -Infinity;

  /** Takes over a database; `mayWrite` tells whether its user could write to it. */
  constructor(store: Store, mayWrite: boolean) {
    this.#store = store;
    this.#mayWrite = mayWrite;
  }

  async summary(budget: Budget): Promise<StoreSummary> {
    return await this.#whole(budget, async (untilMs) => {
      await this.#store.look(untilMs, budget.signal);
      const kinds = [];
      for (const kind of ["packet", "flow", "counter"] as const) {
        const table = this.#store.table(kind);
        if (table !== undefined) {
          kinds.push(await this.#store.summary(table, untilMs, budget.signal));
        }
      }
      return {
        kinds,
        hosts: await this.#store.hosts(untilMs, budget.signal),
        where: this.#store.where,
        isReadOnly: true,
        mayWrite: this.#mayWrite,
      };
    });
  }

  async page(
    choice: Choice,
    limit: number,
    before: Cursor | undefined,
    budget: Budget,
  ): Promise<Page> {
    const scan = await this.#scan(choice, budget);
    if (scan === undefined) return { rows: [], isComplete: true, reachedMs: choice.span.fromMs };
    const { rows, next, ...reach } = await readPage(
      this.#store,
      { ...scan, withBytes: false, order: "newest first" },
      limit,
      before,
      budget,
    );
    return { rows: rows.map((row) => this.#row(scan.table, row)), before: next, ...reach };
  }

  async arrived(
    { kind, where }: Omit<Choice, "span">,
    after: Cursor | undefined,
    limit: number,
    budget: Budget,
  ): Promise<Arrivals> {
    const condition = this.#condition(kind, where);
    const table = await this.#table(kind, budget);
    if (table === undefined) return { rows: [], after: NO_TABLE, skipped: 0 };
    if (after === NO_TABLE) return await this.#first({ kind, where }, limit, budget);
    const columns = columnsOf(this.#store, table, false);
    const query = { columns, condition, limit };
    const found = await this.#whole(
      budget,
      () => this.#store.arrived(table, query, after, budget),
    );
    return { ...found, rows: found.rows.map((row) => this.#row(table, row)) };
  }

  async chart(choice: Choice, stepMs: number, by: ChartKey, budget: Budget): Promise<Chart> {
    const { kind, where } = choice;
    const scan = await this.#scan(choice, budget);
    if (scan !== undefined) {
      return await readChart(this.#store, { ...scan, kind, where, stepMs, by }, budget);
    }
    const { fromMs } = choice.span;
    const nothing = { keys: [], packets: [], bytes: [], isExact: true };
    return { ...nothing, stepMs, startMs: fromMs, isComplete: true, reachedMs: fromMs };
  }

  async top(choice: Choice, keys: TopKey[], limit: number, budget: Budget): Promise<Top> {
    const { kind } = choice;
    const scan = await this.#scan(choice, budget);
    if (scan !== undefined) {
      return await readTop(this.#store, { ...scan, kind, keys, limit }, budget);
    }
    return { isComplete: true, reachedMs: choice.span.fromMs, counted: 0, lists: {} };
  }

  async record(kind: StoredKind, id: string, budget: Budget): Promise<FoundRecord | undefined> {
    const table = await this.#table(kind, budget);
    const { dialect } = this.#store;
    const condition = dialect.isAt(id);
    if (table === undefined || condition === undefined) return undefined;
    const rows = await this.#whole(budget, (untilMs) =>
      this.#store.rows(
        `SELECT ${columnsOf(this.#store, table, true)} FROM ${table.quoted} AS record ` +
          `WHERE ${condition} LIMIT ${SAME_MOST}`,
        untilMs,
        budget.signal,
      ));
    const row = rows.find((row) => dialect.idOf(row) === id);
    return row && { record: recordOf(table.record, row), payload: payloadOf(row) };
  }

  async losses(span: Span, budget: Budget): Promise<StoredLoss[]> {
    const { losses, dialect } = this.#store;
    if (losses === undefined) return [];
    const { from, to } = microSpan(span);
    const rows = await this.#whole(budget, (untilMs) =>
      this.#store.rows(
        `SELECT ${dialect.timeColumn("record.time")}, host, capture, packets ` +
          `FROM ${losses} AS record WHERE record.time >= ${dialect.time(from)} ` +
          `AND record.time < ${dialect.time(to)} ORDER BY record.time DESC LIMIT ${LOSSES_MOST}`,
        untilMs,
        budget.signal,
      ));
    return rows.reverse().map(({ time, host, capture, packets }) => ({
      timeMs: msOf(microsOf(time)),
      ...host !== null && { host: String(host) },
      capture: String(capture),
      packets: Number(packets),
    }));
  }

  async each(
    choice: Choice,
    take: (row: Row, payload: Uint8Array | undefined) => Promise<boolean>,
    budget: Budget,
  ): Promise<void> {
    const found = await this.#scan(choice, budget);
    if (found === undefined) return;
    const scan: Scan = { ...found, withBytes: true, order: "oldest first" };
    const untilMs = performance.now() + budget.ms;
    let cursor: Cursor | undefined;
    do {
      const left = { ...budget, ms: untilMs - performance.now() };
      const { rows, next } = await readPage(this.#store, scan, CHUNK, cursor, left);
      for (const row of rows) {
        if (!await take(this.#row(scan.table, row), payloadOf(row))) return;
      }
      cursor = next;
      // A page with fewer rows that is not the last one was cut off by the time limit.
      if (cursor !== undefined && performance.now() >= untilMs) {
        throw this.#tooSlow(budget.ms);
      }
    } while (cursor !== undefined);
  }

  async translations(question: NatQuestion): Promise<NatAnswer> {
    const { signal } = new AbortController();
    await this.#table("flow", { ms: question.timeoutMs, signal });
    return await this.#store.translations(question);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  /** Returns the rows of a choice; undefined where there is no such table. */
  async #scan(
    { kind, where, span }: Choice,
    budget: Budget,
  ): Promise<Pick<Scan, "table" | "condition" | "span"> | undefined> {
    // A wrong expression is one whether there is a table or not.
    const condition = this.#condition(kind, where);
    const table = await this.#table(kind, budget);
    return table && { table, condition, span: microSpan(span) };
  }

  /** Returns a table; a missing one is looked for, as the first record of its kind makes it. */
  async #table(kind: StoredKind, budget: Budget): Promise<StoreTable | undefined> {
    const known = this.#store.table(kind);
    if (known !== undefined || performance.now() < this.#lookedMs + LOOK_MS) return known;
    await this.#whole(budget, (untilMs) => this.#store.look(untilMs, budget.signal));
    this.#lookedMs = performance.now();
    return this.#store.table(kind);
  }

  /** Returns the rows of a table that was made since it was looked for in vain, each once. */
  async #first(
    choice: Omit<Choice, "span">,
    limit: number,
    budget: Budget,
  ): Promise<Arrivals> {
    const { after: end } = await this.arrived(choice, undefined, limit, budget);
    const all = { ...choice, span: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } };
    const { rows, before } = await this.page(all, FIRST_ROWS, undefined, budget);
    const { rows: later, after, skipped } = await this.arrived(choice, end, limit, budget);
    const known = new Set(rows.map(({ rowId }) => rowId));
    const others = before === undefined ? 0 : await this.#count(choice, budget) - rows.length;
    return {
      rows: [...rows.reverse(), ...later.filter(({ rowId }) => !known.has(rowId))],
      after,
      skipped: skipped + Math.max(0, others),
    };
  }

  /** Counts rows, a look at each of them. */
  async #count({ kind, where }: Omit<Choice, "span">, budget: Budget): Promise<number> {
    const { quoted } = this.#store.table(kind)!;
    const query = `SELECT count(*) AS found FROM ${quoted} AS record ` +
      `WHERE ${this.#condition(kind, where)}`;
    const [row] = await this.#whole(
      budget,
      (untilMs) => this.#store.rows(query, untilMs, budget.signal),
    );
    return numberOf(row!.found);
  }

  #condition(kind: StoredKind, where: string | undefined): string {
    const { conditions } = this.#store.dialect;
    return where === undefined ? ALL : conditionFor(kind, where, conditions);
  }

  #row({ record }: StoreTable, row: StoredValues): Row {
    return { ...recordOf(record, row), rowId: this.#store.dialect.idOf(row) };
  }

  /** Answers a question that has no use for a part of the answer. */
  async #whole<Answer>(
    { ms }: Budget,
    act: (untilMs: number) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await act(performance.now() + ms);
    } catch (error) {
      if (!(error instanceof SlowQueryError)) throw error;
      throw this.#tooSlow(ms, error);
    }
  }

  #tooSlow(ms: number, cause?: unknown): OutputError {
    const { where } = this.#store;
    const message = `Cannot read all of ${where}: it takes longer than ${ms / 1000} s`;
    return new OutputError(where, message, { cause });
  }
}

/** Returns the record of a row; of one that cannot be read, as another program may write it, its time alone. */
function recordOf(record: RecordTable, row: StoredValues): StoredRecord {
  try {
    return storedRecord(record, row);
  } catch {
    const time = storedTime(row.time ?? 0);
    return { type: record.kind, version: STRUCTURED_VERSION, time } as StoredRecord;
  }
}

function payloadOf({ payload }: StoredValues): Uint8Array | undefined {
  return payload instanceof Uint8Array ? payload : undefined;
}
