/** Reads packets of the table, the newest first. */

import type { Question } from "../define.ts";
import {
  READ_COLUMNS,
  type StoredPacket,
  storedPacket,
  type StoredValues,
} from "../table/stored_packet.ts";
import { tooSlow } from "../table/time_limit.ts";
import type { Queries } from "./catalog.ts";
import type { Sql } from "./migrate.ts";
import { quoted, quotedName, type Table } from "./table.ts";

const HOUR_MS = 3_600_000;
/**
 * Ages in milliseconds at which the search goes on with older packets: no index has the order of
 * time, and rows of a window are sorted.
 */
const AGES_MS: readonly number[] = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS];
/** Rows that are fetched at once. */
const ROWS = 500;
/** SQLSTATE `query_canceled`. */
export const CANCELED = "57014";

/** Part of a time range: bounds in milliseconds since the Unix epoch, the upper one exclusive. */
interface Window {
  fromMs: number | undefined;
  toMs: number | undefined;
}

/** Divides a time range into windows, the newest first. */
function windowsOf(
  { sinceMs, untilMs }: Pick<Question, "sinceMs" | "untilMs">,
  nowMs: number,
): Window[] {
  const newest = Math.min(untilMs ?? nowMs, nowMs);
  const bounds = AGES_MS.map((ageMs) => newest - ageMs).filter((ms) => ms > (sinceMs ?? -Infinity));
  const edges = [untilMs, ...bounds, sinceMs];
  return edges.slice(1).map((fromMs, index) => ({ fromMs, toMs: edges[index] }));
}

/**
 * Reads packets in transactions that change nothing.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readPackets(
  sql: Sql,
  table: Table,
  condition: string | undefined,
  question: Question,
  take: (packet: StoredPacket) => Promise<boolean>,
  where: string,
): Promise<void> {
  const endMs = performance.now() + question.timeoutMs;
  const search = { left: question.limit, take };
  try {
    for (const window of windowsOf(question, Date.now())) {
      const remainingMs = Math.ceil(endMs - performance.now());
      if (remainingMs <= 0) throw tooSlow(where, question.timeoutMs);
      const query = selection(table, condition, window, search.left);
      await sql.begin("READ ONLY", (own) => readWindow(own, query, remainingMs, search));
      if (search.left <= 0) return;
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== CANCELED) throw error;
    throw tooSlow(where, question.timeoutMs, error);
  }
}

/** Reads the packets of a window; `left` counts down, to 0 where no more are wanted. */
async function readWindow(
  sql: Queries,
  query: string,
  timeoutMs: number,
  search: { left: number; take: (packet: StoredPacket) => Promise<boolean> },
): Promise<void> {
  // A pager may hold the reader up.
  await sql.unsafe(
    `SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL idle_in_transaction_session_timeout = 0`,
  );
  await sql.unsafe(`DECLARE packet NO SCROLL CURSOR FOR ${query}`);
  for (let rows: readonly StoredValues[] = [{}]; rows.length > 0;) {
    rows = await sql.unsafe<StoredValues[]>(`FETCH ${ROWS} FROM packet`);
    for (const row of rows) {
      search.left = await search.take(storedPacket(row)) ? search.left - 1 : 0;
      if (search.left === 0) return;
    }
  }
}

function selection(
  table: Table,
  condition: string | undefined,
  { fromMs, toMs }: Window,
  limit: number,
): string {
  const columns = READ_COLUMNS.map(([name, type]) =>
    // The client would cut times to milliseconds, and change numbers in JSON.
    type === "time" || type === "json"
      ? `${quotedName(name)}::text AS ${quotedName(name)}`
      : quotedName(name)
  );
  const conditions = [
    ...fromMs === undefined ? [] : [`packet.time >= ${literal(fromMs)}`],
    ...toMs === undefined ? [] : [`packet.time < ${literal(toMs)}`],
    ...condition === undefined ? [] : [`(${condition})`],
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${columns.join(", ")} FROM ${quoted(table)} AS packet${filter}` +
    ` ORDER BY packet.time DESC, packet.seq DESC LIMIT ${limit}`;
}

function literal(timeMs: number): string {
  return `timestamptz '${new Date(timeMs).toISOString()}'`;
}
