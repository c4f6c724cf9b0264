/** Reads packets of the table, the newest first. */

import type { Question } from "../define.ts";
import {
  READ_COLUMNS,
  type StoredPacket,
  storedPacket,
  type StoredValues,
} from "../table/stored_packet.ts";
import { tooSlow } from "../table/time_limit.ts";
import type { Client } from "./client.ts";
import { quoted } from "./schema.ts";

/** Errors of a statement that took too long: MariaDB's `ER_STATEMENT_TIMEOUT`, MySQL's `ER_QUERY_TIMEOUT`. */
const TIMEOUTS: readonly unknown[] = [1969, 3024];

/**
 * Reads packets in a session that changes nothing.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readPackets(
  client: Client,
  table: string,
  condition: string | undefined,
  question: Question,
  take: (packet: StoredPacket) => Promise<boolean>,
  where: string,
): Promise<void> {
  const { timeoutMs } = question;
  await client.run("SET SESSION TRANSACTION READ ONLY");
  await limitTime(client, timeoutMs);
  try {
    const rows = client.stream(selection(table, condition, question));
    for await (const row of rows) {
      if (!await take(storedPacket(row as StoredValues))) return;
    }
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw tooSlow(where, timeoutMs, error);
  }
}

/** Returns whether an error is that of a time limit. */
export function isTimeout(error: unknown): boolean {
  return TIMEOUTS.includes((error as { errno?: unknown }).errno);
}

/** Limits the time of statements, in which MariaDB and MySQL differ. */
export async function limitTime(client: Client, timeoutMs: number): Promise<void> {
  const [row] = await client.rows("SELECT VERSION() AS version");
  const isMariaDb = String(row?.version).includes("MariaDB");
  await client.run(
    isMariaDb
      ? `SET SESSION max_statement_time = ${timeoutMs / 1000}`
      : `SET SESSION max_execution_time = ${Math.ceil(timeoutMs)}`,
  );
}

function selection(
  table: string,
  condition: string | undefined,
  { sinceMs, untilMs, limit }: Question,
): string {
  const columns = READ_COLUMNS.map(([name, type]) =>
    // MySQL's JSON would be parsed, and its numbers changed.
    type === "json" ? `CAST(${quoted(name)} AS CHAR) AS ${quoted(name)}` : quoted(name)
  );
  const conditions = [
    ...sinceMs === undefined ? [] : [`\`time\` >= ${literal(sinceMs)}`],
    ...untilMs === undefined ? [] : [`\`time\` < ${literal(untilMs)}`],
    ...condition === undefined ? [] : [`(${condition})`],
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${columns.join(", ")} FROM ${quoted(table)}${filter}` +
    ` ORDER BY \`time\` DESC, seq DESC LIMIT ${limit}`;
}

function literal(timeMs: number): string {
  return `'${new Date(timeMs).toISOString().slice(0, -1).replace("T", " ")}'`;
}
