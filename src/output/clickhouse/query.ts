/** Reads packets of the table, the newest first. */

import { ETH_P_IPV6 } from "../../packet/ether_types.ts";
import type { Question } from "../define.ts";
import { COLUMNS, type ColumnType } from "../table/columns.ts";
import { type StoredPacket, storedPacket } from "../table/stored_packet.ts";
import { readColumns, type StoredValue, type StoredValues } from "../table/stored_values.ts";
import { tooSlow } from "../table/time_limit.ts";
import type { Client, Row, StatementSettings } from "./client.ts";
import { MICROS } from "./dialect.ts";
import { quoted, type TableForm, timeOf } from "./schema.ts";

const READ_COLUMNS = readColumns(COLUMNS);

/** `TIMEOUT_EXCEEDED` */
const TIMEOUT = "159";
/** First 12 bytes of IPv4 addresses among those of IPv6, in hexadecimal. */
const MAPPED = /^00000000000000000000FFFF/;

/**
 * Reads packets.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readPackets(
  client: Client,
  form: TableForm,
  condition: string | undefined,
  question: Omit<Question, "kind">,
  take: (packet: StoredPacket) => Promise<boolean>,
  where: string,
): Promise<void> {
  try {
    const settings = await readSettings(client, question.timeoutMs);
    for await (const row of client.stream(selection(form, condition, question), settings)) {
      if (!await take(storedPacket(valuesOf(row)))) return;
    }
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw tooSlow(where, question.timeoutMs, error);
  }
}

/** Returns whether an error is that of a time limit. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === TIMEOUT;
}

/** Returns settings of a query that changes nothing; users who may change none cannot set a limit either. */
export async function readSettings(client: Client, timeoutMs: number): Promise<StatementSettings> {
  const [row] = await client.rows("SELECT value FROM system.settings WHERE name = 'readonly'");
  if (row?.value === "1") return {};
  return { readonly: 2, max_execution_time: Math.ceil(timeoutMs / 1000) };
}

function selection(
  { table, isModern }: TableForm,
  condition: string | undefined,
  { sinceMs, untilMs, limit }: Omit<Question, "kind">,
): string {
  const columns = READ_COLUMNS.map(([name, type]) =>
    `${expressionOf(name, type, isModern)} AS ${quoted(`read_${name}`)}`
  );
  const conditions = [
    ...sinceMs === undefined ? [] : [since(sinceMs, isModern)],
    ...untilMs === undefined ? [] : [`NOT ${since(untilMs, isModern)}`],
    ...condition === undefined ? [] : [`(${condition})`],
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const order = isModern ? "time DESC" : `time DESC, ${MICROS} DESC`;
  return `SELECT ${columns.join(", ")} FROM ${quoted(table)}${filter}` +
    ` ORDER BY ${order}, seq DESC LIMIT ${limit}`;
}

/** Returns a column as an expression whose value survives JSON. */
function expressionOf(name: string, type: ColumnType, isModern: boolean): string {
  switch (type) {
    case "time":
      return isModern
        ? `toString(toUnixTimestamp64Micro(${name}))`
        : `toString(toInt64(toUInt32(${name})) * 1000000 + ${MICROS})`;
    case "address":
    case "mac":
      return `hex(${name})`;
    case "uuid":
      return `toString(${name})`;
    default:
      return quoted(name);
  }
}

/** Returns the condition of being at a time or later. */
function since(timeMs: number, isModern: boolean): string {
  const seconds = Math.floor(timeMs / 1000);
  const micros = (timeMs - seconds * 1000) * 1000;
  const second = timeOf(seconds, isModern);
  // The first part is found in the table's order.
  return isModern
    ? `(time >= ${second} AND toUnixTimestamp64Micro(time) >= ${timeMs * 1000})`
    : `(time >= ${second} AND (time > ${second} OR ${MICROS} >= ${micros}))`;
}

/** Returns the values of a row as those of other databases. */
function valuesOf(row: Row): StoredValues {
  return Object.fromEntries(READ_COLUMNS.map(([name, type]) => {
    return [name, valueOf(row[`read_${name}`] ?? null, type, row.read_ethertype === ETH_P_IPV6)];
  }));
}

function valueOf(
  value: string | number | null,
  type: ColumnType,
  isIpv6: boolean,
): StoredValue {
  if (value === null) return null;
  switch (type) {
    case "time":
      return Number(value);
    case "address":
      return Uint8Array.fromHex(isIpv6 ? String(value) : String(value).replace(MAPPED, ""));
    case "mac":
      return Uint8Array.fromHex(String(value));
    default:
      return value;
  }
}
