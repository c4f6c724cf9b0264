/** A store in memory for tests of the web server and the page: SQLite with the real tables. */

import { DatabaseSync } from "node:sqlite";
import { SQLITE } from "../../src/filter/expression/sql/dialect.ts";
import { quoted, statements } from "../../src/output/sqlite/schema.ts";
import { conditionFor } from "../../src/output/table/condition.ts";
import { answerNat, type NatQuestion } from "../../src/output/table/nat_question.ts";
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
} from "../../src/output/table/reading.ts";
import { recordTableOf } from "../../src/output/table/record_tables.ts";
import { storedFlow } from "../../src/output/table/stored_flow.ts";
import { storedRecord } from "../../src/output/table/stored_record.ts";
import type { StoredValue, StoredValues } from "../../src/output/table/stored_values.ts";

/** Most frequent keys of a chart. */
const KEYS = 9;
/** Columns of fields, for packets and for flows. */
const FIELDS: Readonly<Record<TopKey, readonly [packet: string, flow: string]>> = {
  source: ["source_address", "original_source"],
  destination: ["destination_address", "original_destination"],
  sourcePort: ["source_port", "original_source_port"],
  destinationPort: ["destination_port", "original_destination_port"],
  protocol: ["protocol", "protocol"],
  prefix: ["prefix", "NULL"],
  in: ["in_dev", "NULL"],
  out: ["out_dev", "NULL"],
  uid: ["uid", "NULL"],
  host: ["host", "host"],
};
const BYTES = { packet: "length", flow: "(original_bytes + reply_bytes)" };

/** Reader of records in memory; tests add to them. */
export class MemoryStore implements StoreReader {
  readonly #database = new DatabaseSync(":memory:");
  readonly #losses: StoredLoss[] = [];
  /** Questions that were asked, by name. */
  readonly asked = new Map<string, number>();
  /** Signals of questions that have not been answered. */
  readonly open = new Set<AbortSignal>();
  /** Called before each answer; tests delay or fail there. */
  beforeAnswer: (name: string, budget: Budget) => Promise<void> = () => Promise.resolve();

  constructor() {
    for (const kind of ["packet", "flow"] as const) {
      const table = recordTableOf(kind);
      for (const statement of statements(table, table.name, 0)) this.#database.exec(statement);
    }
  }

  /** Adds a record by the values of its columns; returns its address. */
  add(kind: StoredKind, values: Record<string, StoredValue | undefined>): string {
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    const names = given.map(([name]) => quoted(name)).join(", ");
    const places = given.map(() => "?").join(", ");
    const { lastInsertRowid } = this.#database
      .prepare(`INSERT INTO ${recordTableOf(kind).name} (${names}) VALUES (${places})`)
      .run(...given.map(([, value]) => value as Exclude<StoredValue, undefined>));
    return String(lastInsertRowid);
  }

  /** Adds a loss. */
  addLoss(loss: StoredLoss): void {
    this.#losses.push(loss);
  }

  /** Adds all that happens in between in one transaction. */
  inOne(add: () => void): void {
    this.#database.exec("BEGIN");
    add();
    this.#database.exec("COMMIT");
  }

  summary(budget: Budget): Promise<StoreSummary> {
    return this.#answer("summary", budget, () => ({
      kinds: (["packet", "flow"] as const).map((kind) => {
        const row = this.#all(
          `SELECT count(*) AS rows, min(time) / 1000 AS oldest, max(time) / 1000 AS newest FROM ${kind}s`,
        )[0]!;
        return {
          kind,
          rows: Number(row.rows),
          ...row.oldest !== null &&
            { oldestMs: Number(row.oldest), newestMs: Number(row.newest) },
        };
      }),
      hosts: this.#all("SELECT DISTINCT host FROM packets WHERE host IS NOT NULL ORDER BY 1")
        .map(({ host }) => String(host)),
      where: "memory",
      isReadOnly: true,
      mayWrite: false,
    }));
  }

  page(choice: Choice, limit: number, before: Cursor | undefined, budget: Budget): Promise<Page> {
    return this.#answer("page", budget, () => {
      const [time, id] = before?.split(" ").map(BigInt) ?? [2n ** 62n, 2n ** 62n];
      const found = this.#all(
        `SELECT rowid AS row_id, * FROM ${choice.kind}s WHERE ${
          this.#where(choice)
        } AND (time, rowid) < (?, ?)
         ORDER BY time DESC, rowid DESC LIMIT ?`,
        time!,
        id!,
        limit + 1,
      );
      const last = found[limit - 1];
      return {
        rows: found.slice(0, limit).map((row) => rowOf(choice.kind, row)),
        ...found.length > limit && { before: `${last!.time} ${last!.row_id}` },
        ...ALL(choice.span),
      };
    });
  }

  arrived(
    choice: Omit<Choice, "span">,
    after: Cursor | undefined,
    limit: number,
    budget: Budget,
  ): Promise<Arrivals> {
    return this.#answer("arrived", budget, () => {
      const end = Number(this.#all(`SELECT max(rowid) AS id FROM ${choice.kind}s`)[0]!.id ?? 0);
      const condition = this.#condition(choice);
      if (after === undefined) return { rows: [], after: String(end), skipped: 0 };
      const all = this.#all(
        `SELECT rowid AS row_id, * FROM ${choice.kind}s WHERE rowid > ? AND ${condition}
         ORDER BY rowid DESC LIMIT ?`,
        Number(after),
        limit,
      );
      const { count } = this.#all(
        `SELECT count(*) AS count FROM ${choice.kind}s WHERE rowid > ? AND ${condition}`,
        Number(after),
      )[0]!;
      return {
        rows: all.reverse().map((row) => rowOf(choice.kind, row)),
        after: String(end),
        skipped: Number(count) - all.length,
      };
    });
  }

  chart(choice: Choice, stepMs: number, by: ChartKey, budget: Budget): Promise<Chart> {
    return this.#answer("chart", budget, () => {
      const { fromMs, toMs } = choice.span;
      const startMs = Math.floor(fromMs / stepMs) * stepMs;
      const buckets = Math.max(1, Math.ceil((toMs - startMs) / stepMs));
      const key = by === "prefix" && choice.kind === "flow" ? "''" : `coalesce(${by}, '')`;
      const found = this.#all(
        `SELECT CAST(${key} AS TEXT) AS key, CAST((time / 1000 - ?) / ? AS INTEGER) AS bucket, count(*) AS packets,
           sum(${BYTES[choice.kind]}) AS bytes
         FROM ${choice.kind}s WHERE ${this.#where(choice)} GROUP BY 1, 2`,
        startMs,
        stepMs,
      );
      const sums = new Map<string, number>();
      for (const { key, packets } of found) {
        sums.set(String(key), (sums.get(String(key)) ?? 0) + Number(packets));
      }
      const keys = [...sums].sort(([, a], [, b]) => b - a).slice(0, KEYS).map(([key]) => key);
      if (sums.size > KEYS) keys.push("other");
      const empty = () => keys.map(() => Array<number>(buckets).fill(0));
      const [packets, bytes] = [empty(), empty()];
      for (const row of found) {
        const at = keys.indexOf(String(row.key));
        const index = at < 0 ? keys.length - 1 : at;
        packets[index]![Number(row.bucket)]! += Number(row.packets);
        bytes[index]![Number(row.bucket)]! += Number(row.bytes ?? 0);
      }
      return { stepMs, startMs, keys, packets, bytes, isExact: true, ...ALL(choice.span) };
    });
  }

  top(choice: Choice, keys: TopKey[], limit: number, budget: Budget): Promise<Top> {
    return this.#answer("top", budget, () => {
      const where = this.#where(choice);
      const lists = keys.map((key) => {
        const column = FIELDS[key][choice.kind === "packet" ? 0 : 1];
        const rows = this.#all(
          `SELECT *, count(*) AS packets, sum(${BYTES[choice.kind]}) AS sum, ${column} AS value
           FROM ${choice.kind}s WHERE ${where} AND ${column} IS NOT NULL
           GROUP BY ${column} ORDER BY packets DESC LIMIT ?`,
          limit,
        );
        return [
          key,
          rows.map((row) => {
            const record = rowOf(choice.kind, row) as unknown as Record<string, unknown>;
            const side = choice.kind === "packet" ? record : record.original as typeof record;
            return {
              value: String(side[key] ?? record[key] ?? row.value),
              packets: Number(row.packets),
              bytes: Number(row.sum ?? 0),
            };
          }),
        ] as const;
      });
      const { count } = this.#all(
        `SELECT count(*) AS count FROM ${choice.kind}s WHERE ${where}`,
      )[0]!;
      return { counted: Number(count), lists: Object.fromEntries(lists), ...ALL(choice.span) };
    });
  }

  record(kind: StoredKind, id: string, budget: Budget): Promise<FoundRecord | undefined> {
    return this.#answer("record", budget, () => {
      const [row] = this.#all(
        `SELECT rowid AS row_id, * FROM ${kind}s WHERE rowid = ?`,
        Number(id),
      );
      if (row === undefined) return undefined;
      const { rowId: _, ...record } = rowOf(kind, row);
      const { payload } = row;
      return { record, ...payload instanceof Uint8Array && { payload } } as FoundRecord;
    });
  }

  losses({ fromMs, toMs }: Span, budget: Budget): Promise<StoredLoss[]> {
    return this.#answer(
      "losses",
      budget,
      () => this.#losses.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs),
    );
  }

  async each(
    choice: Choice,
    take: (row: Row, payload: Uint8Array | undefined) => Promise<boolean>,
    budget: Budget,
  ): Promise<void> {
    const rows = this.#all(
      `SELECT rowid AS row_id, * FROM ${choice.kind}s WHERE ${this.#where(choice)}
       ORDER BY time, rowid`,
    );
    for (const row of rows.map((row) => rowOf(choice.kind, row))) {
      const found = await this.record(choice.kind, row.rowId, budget);
      if (!await take(row, found?.payload)) return;
    }
  }

  translations(question: NatQuestion) {
    return answerNat(question, SQLITE, (conditions, take) => {
      for (const condition of conditions) {
        for (const row of this.#all(`SELECT * FROM flows WHERE ${condition} ORDER BY time`)) {
          take(storedFlow(row));
        }
      }
      return Promise.resolve();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    return Promise.resolve();
  }

  async #answer<T>(name: string, budget: Budget, make: () => T): Promise<T> {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    this.open.add(budget.signal);
    try {
      await this.beforeAnswer(name, budget);
      budget.signal.throwIfAborted();
      return make();
    } finally {
      this.open.delete(budget.signal);
    }
  }

  #all(sql: string, ...values: (number | bigint | string)[]): StoredValues[] {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...values) as StoredValues[];
  }

  #condition({ kind, where }: Omit<Choice, "span">): string {
    return where === undefined ? "true" : `(${conditionFor(kind, where, SQLITE)})`;
  }

  #where(choice: Choice): string {
    const micros = (timeMs: number) => BigInt(Math.trunc(timeMs)) * 1000n;
    const { fromMs, toMs } = choice.span;
    return `time >= ${micros(fromMs)} AND time < ${micros(toMs)} AND ${this.#condition(choice)}`;
  }
}

const ALL = ({ fromMs }: Span) => ({ isComplete: true, reachedMs: fromMs });

function rowOf(kind: StoredKind, row: StoredValues): Row {
  return { ...storedRecord(recordTableOf(kind), row), rowId: String(row.row_id) };
}
