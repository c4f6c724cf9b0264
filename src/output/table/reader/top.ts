/** Top lists: the most frequent values of several fields, counted in one pass over the rows. */

import { COUNTED_SQL } from "../counts/counted.ts";
import type { Budget, StoredKind, Top, TopEntry, TopKey } from "../reading.ts";
import type { ColumnType } from "../columns.ts";
import type { StoredValue } from "../stored_values.ts";
import { columnOf, valueText } from "./keys.ts";
import type { MicroSpan } from "./micros.ts";
import { Slices } from "./slices.ts";
import { numberOf, type Store, type StoreTable, type TallyQuery } from "./store.ts";

/** Values of a field that are kept while rows are counted; beyond them the rarest are forgotten. */
const KEPT_MOST = 100_000;

/** Top lists that are asked for. */
export interface TopQuestion {
  table: StoreTable;
  kind: StoredKind;
  /** Condition; `TRUE` for all. */
  condition: string;
  span: MicroSpan;
  keys: readonly TopKey[];
  /** Most values of a list. */
  limit: number;
}

/** Counts the most frequent values. */
export async function readTop(store: Store, question: TopQuestion, budget: Budget): Promise<Top> {
  const { table, span, limit } = question;
  const slices = new Slices(store, table, span, budget);
  const lists = listsOf(question);
  let counted = 0;
  await slices.each(async (slice) => {
    const query = tallyQuery(store, question, lists, slice);
    const rows = await store.tally(query, slices.untilMs, budget.signal);
    for (const { list, value, records, bytes } of rows) {
      const number = Number(list);
      if (number < 0) counted += numberOf(records);
      else lists[number]!.add(value as StoredValue, numberOf(records), numberOf(bytes));
    }
    return true;
  });
  return {
    ...slices.reach,
    counted,
    lists: Object.fromEntries(lists.map((list) => [list.key, list.top(limit)])),
  };
}

/** Values of a field, and their records. */
class List {
  readonly key: TopKey;
  /** Its column in SQL, and the type of its values. */
  readonly column: string;
  readonly type: ColumnType;
  #entries = new Map<string, TopEntry>();

  constructor(key: TopKey, column: string, type: ColumnType) {
    this.key = key;
    this.column = column;
    this.type = type;
  }

  add(value: StoredValue, packets: number, bytes: number): void {
    const text = valueText(this.key, this.type, value);
    if (text === "") return;
    const entry = this.#entries.get(text);
    if (entry === undefined) {
      if (this.#entries.size >= KEPT_MOST) this.#entries = new Map(this.#most(KEPT_MOST / 2));
      this.#entries.set(text, { value: text, packets, bytes });
    } else {
      entry.packets += packets;
      entry.bytes += bytes;
    }
  }

  /** Returns the most frequent values in falling order. */
  top(limit: number): TopEntry[] {
    return this.#most(limit).map(([, entry]) => entry);
  }

  #most(limit: number): [string, TopEntry][] {
    return [...this.#entries]
      .sort(([one, a], [other, b]) => b.packets - a.packets || (one < other ? -1 : 1))
      .slice(0, limit);
  }
}

/** Returns the lists of fields that records of a kind have. */
function listsOf({ kind, keys }: TopQuestion): List[] {
  return keys.flatMap((key) => {
    const column = columnOf(kind, key);
    if (column === undefined) return [];
    const sql = key === "protocol" ? COUNTED_SQL[kind].protocol : column[0];
    return [new List(key, sql, column[1])];
  });
}

function tallyQuery(
  { dialect }: Store,
  { table, kind, condition }: TopQuestion,
  lists: readonly List[],
  { from, to }: MicroSpan,
): TallyQuery {
  return {
    columns: lists.map(({ column, type }) => [column, type]),
    bytes: COUNTED_SQL[kind].bytes,
    from: `${table.quoted} AS record WHERE record.time >= ${dialect.time(from)} ` +
      `AND record.time < ${dialect.time(to)} AND (${condition})`,
  };
}
