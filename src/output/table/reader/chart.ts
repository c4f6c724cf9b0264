/** Charts: counts of records by time and key, from the counts beside a table or from its rows. */

import { expressionAbout } from "../../../filter/expression/expression.ts";
import { primitivesOf } from "../../../filter/expression/syntax.ts";
import { isExtension } from "../../../packet/ipv6_extension.ts";
import { COUNTED_SQL, OTHER_PREFIX, STEPS } from "../counts/counted.ts";
import { type Budget, type Chart, type ChartKey, OTHER_KEY, type Reach } from "../reading.ts";
import type { StoredKind } from "../reading.ts";
import type { StoredValue, StoredValues } from "../stored_values.ts";
import { valueText } from "./keys.ts";
import { floorTo, type MicroSpan, msOf } from "./micros.ts";
import { Slices } from "./slices.ts";
import { numberOf, SlowQueryError, type Store, type StoreTable } from "./store.ts";

/** Most buckets, and keys beside those that are counted together. */
const [BUCKETS_MOST, KEYS_MOST] = [2000, 30];
/** Keys that are kept apart while a chart is counted. */
const KEPT_MOST = 300;
const MINUTE = 60_000_000n;

/** A chart that is asked for. */
export interface ChartQuestion {
  table: StoreTable;
  kind: StoredKind;
  where: string | undefined;
  /** The expression as a condition; `TRUE` for all. */
  condition: string;
  span: MicroSpan;
  stepMs: number;
  by: ChartKey;
}

/** Counts a chart. */
export async function readChart(
  store: Store,
  question: ChartQuestion,
  budget: Budget,
): Promise<Chart> {
  const { table, kind, where, span } = question;
  const step = stepOf(question);
  const sums = new Sums(question, step);
  const untilMs = performance.now() + budget.ms;
  const { signal } = budget;
  const mayCount = table.counts !== undefined && step % MINUTE === 0n && isOfCounts(kind, where);
  if (mayCount && !await hasOthers(store, question, untilMs, signal)) {
    const reach = await addCounts(store, question, step, sums, untilMs, signal);
    const isEven = span.from % MINUTE === 0n && span.to % MINUTE === 0n;
    return { ...reach, ...sums.chart(), isExact: isEven && reach.isComplete };
  }
  const slices = new Slices(store, table, span, { signal, ms: untilMs - performance.now() });
  const { time } = store.dialect;
  await slices.each(async ({ from, to }) => {
    const range = `record.time >= ${time(from)} AND record.time < ${time(to)}`;
    const query = selection(store, question, sums, step, {
      from: table.quoted,
      column: "record.time",
      where: range,
      key: keyOf(store, question),
      records: "count(*)",
      bytes: COUNTED_SQL[kind].bytes,
    });
    sums.add(await store.rows(query, untilMs, signal));
    return true;
  });
  return { ...slices.reach, ...sums.chart(), isExact: slices.reach.isComplete };
}

/** Returns the key of a row in SQL. */
function keyOf({ dialect }: Store, { kind, by }: ChartQuestion): string {
  switch (by) {
    case "protocol":
      return COUNTED_SQL[kind].protocol;
    case "prefix":
      return dialect.exact(COUNTED_SQL[kind].prefix);
    default:
      return dialect.exact(by);
  }
}

/** Returns the width of buckets in microseconds: whole minutes above one, and no more than fit. */
function stepOf({ span, stepMs }: ChartQuestion): bigint {
  const asked = BigInt(Math.max(1, Math.round(stepMs))) * 1000n;
  const step = asked > MINUTE && asked % MINUTE !== 0n ? floorTo(asked, MINUTE) + MINUTE : asked;
  const times = (span.to - span.from) / step / BigInt(BUCKETS_MOST) + 1n;
  const wide = step * times;
  return wide > MINUTE && wide % MINUTE !== 0n ? floorTo(wide, MINUTE) + MINUTE : wide;
}

/** Returns whether an expression is about keys of the counts alone. */
function isOfCounts(kind: StoredKind, where: string | undefined): boolean {
  if (where === undefined) return true;
  return [...primitivesOf(expressionAbout(where, [kind]))].every((primitive) => {
    switch (primitive.kind) {
      case "protocol":
        return primitive.network === undefined && !isExtension(primitive.protocol);
      case "text":
        return primitive.field === "capture" || kind === "packet" && primitive.field === "prefix";
      default:
        return false;
    }
  });
}

/** Returns whether the expression chooses by prefixes, of which some are counted together. */
async function hasOthers(
  store: Store,
  { table, where, condition, span }: ChartQuestion,
  untilMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (where === undefined || !condition.includes("prefix")) return false;
  const { time } = store.dialect;
  const day = BigInt(STEPS[2]) * 1_000_000n;
  try {
    const found = await store.rows(
      `SELECT 1 AS found FROM ${table.counts} WHERE step = ${STEPS[2]} AND ` +
        `start >= ${time(floorTo(span.from, day))} AND start < ${time(span.to)} ` +
        `AND prefix = '${OTHER_PREFIX}' LIMIT 1`,
      untilMs,
      signal,
    );
    return found.length > 0;
  } catch (error) {
    if (error instanceof SlowQueryError) return true;
    throw error;
  }
}

/** Adds the counts of a span, the newest and the finest first. */
async function addCounts(
  store: Store,
  question: ChartQuestion,
  step: bigint,
  sums: Sums,
  untilMs: number,
  signal: AbortSignal,
): Promise<Reach> {
  const { time } = store.dialect;
  const { span, table } = question;
  let reached = span.to;
  try {
    for (const { from, to, seconds } of pieces(span, step)) {
      const query = selection(store, question, sums, step, {
        from: table.counts!,
        column: "record.start",
        where: `step = ${seconds} AND record.start >= ${time(from)} AND record.start < ${time(to)}`,
        key: question.by,
        records: store.dialect.sum("records"),
        bytes: "bytes",
      });
      sums.add(await store.rows(query, untilMs, signal));
      reached = from;
    }
  } catch (error) {
    if (!(error instanceof SlowQueryError)) throw error;
    return { isComplete: false, reachedMs: msOf(reached) };
  }
  return { isComplete: true, reachedMs: msOf(span.from) };
}

/**
 * Divides a span into pieces of whole intervals, the newest first: in its middle the widest that
 * fit into buckets, at its ends minutes.
 */
function* pieces(
  span: MicroSpan,
  step: bigint,
): Generator<MicroSpan & { seconds: number }> {
  const widths = STEPS.map((seconds) => BigInt(seconds) * 1_000_000n)
    .filter((width) => step % width === 0n);
  function* within(
    { from, to }: MicroSpan,
    level: number,
  ): Generator<MicroSpan & { seconds: number }> {
    if (from >= to) return;
    const width = widths[level]!;
    const seconds = Number(width / 1_000_000n);
    if (level === 0) {
      yield { from: floorTo(from, width), to, seconds };
      return;
    }
    const middle = { from: floorTo(from + width - 1n, width), to: floorTo(to, width) };
    if (middle.from >= middle.to) {
      yield* within({ from, to }, level - 1);
      return;
    }
    yield* within({ from: middle.to, to }, level - 1);
    yield { ...middle, seconds };
    yield* within({ from, to: middle.from }, level - 1);
  }
  yield* within(span, widths.length - 1);
}

/** Parts of a query for a chart. */
interface Selection {
  from: string;
  column: string;
  where: string;
  key: string;
  records: string;
  bytes: string;
}

function selection(
  { dialect }: Store,
  { condition }: ChartQuestion,
  { start }: Sums,
  step: bigint,
  { from, column, where, key, records, bytes }: Selection,
): string {
  return `SELECT ${dialect.interval(column, start, step)} AS bucket, ${key} AS value, ` +
    `${records} AS records, ${dialect.sum(bytes)} AS bytes FROM ${from} AS record ` +
    `WHERE ${where} AND (${condition}) GROUP BY 1, 2`;
}

/** Sums by key and bucket. */
class Sums {
  readonly #by: ChartKey;
  readonly #step: bigint;
  readonly #size: number;
  readonly #keys = new Map<string, { packets: number[]; bytes: number[] }>();
  /** Start of the first bucket, in microseconds. */
  readonly start: bigint;

  constructor({ span, by }: ChartQuestion, step: bigint) {
    this.#by = by;
    this.#step = step;
    this.start = floorTo(span.from, step);
    const length = span.to - this.start;
    this.#size = length <= 0n ? 0 : Number((length + step - 1n) / step);
  }

  add(rows: readonly StoredValues[]): void {
    for (const { bucket, value, records, bytes } of rows) {
      const at = Number(bucket);
      if (at < 0 || at >= this.#size) continue;
      const sums = this.#sumsOf(value as StoredValue);
      sums.packets[at] = sums.packets[at]! + numberOf(records);
      sums.bytes[at] = sums.bytes[at]! + numberOf(bytes);
    }
  }

  chart(): Omit<Chart, keyof Reach | "isExact"> {
    const total = (name: string) =>
      this.#keys.get(name)!.packets.reduce((sum, packets) => sum + packets, 0);
    const names = [...this.#keys.keys()].filter((name) => name !== OTHER_KEY)
      .map((name) => [name, total(name)] as const)
      .sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1))
      .map(([name]) => name);
    const most = names.slice(0, KEYS_MOST);
    for (const name of names.slice(KEYS_MOST)) {
      const [from, to] = [this.#keys.get(name)!, this.#named(OTHER_KEY)];
      for (let at = 0; at < this.#size; at++) {
        to.packets[at] = to.packets[at]! + from.packets[at]!;
        to.bytes[at] = to.bytes[at]! + from.bytes[at]!;
      }
    }
    const keys = this.#keys.has(OTHER_KEY) ? [...most, OTHER_KEY] : most;
    return {
      stepMs: msOf(this.#step),
      startMs: msOf(this.start),
      keys,
      packets: keys.map((name) => this.#keys.get(name)!.packets),
      bytes: keys.map((name) => this.#keys.get(name)!.bytes),
    };
  }

  #sumsOf(value: StoredValue) {
    const type = this.#by === "protocol" ? "uint16" : "text";
    const text = valueText(this.#by, type, value);
    const isOther = this.#by === "prefix" && text === OTHER_PREFIX ||
      !this.#keys.has(text) && this.#keys.size >= KEPT_MOST;
    return this.#named(isOther ? OTHER_KEY : text);
  }

  #named(name: string) {
    let sums = this.#keys.get(name);
    if (sums === undefined) {
      const zeros = () => Array<number>(this.#size).fill(0);
      sums = { packets: zeros(), bytes: zeros() };
      this.#keys.set(name, sums);
    }
    return sums;
  }
}
