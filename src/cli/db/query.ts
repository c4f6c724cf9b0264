/** `nfscribe db query`: packets of a table, a line each. */

import type { Database, Question } from "../../output/define.ts";
import { lineFactsOf, type StoredPacket } from "../../output/table/stored_packet.ts";
import { describe } from "../../packet/describe.ts";
import { escapedWhere, jsonLine } from "../../text/escape.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { checked, expressionOf } from "../expression.ts";
import { durationOf, timeOf } from "./times.ts";

/** Packets that are shown unless `--limit` says otherwise. */
export const LIMIT = 100;
/** The most that `--limit` takes: what every database can count. */
const LIMIT_MOST = 2 ** 31 - 1;
/** Time that the database may take unless `--timeout` says otherwise. */
const TIMEOUT = "60s";

/**
 * Reads what options and operands ask for.
 *
 * @param nowMs The current time, in milliseconds since the Unix epoch.
 * @throws {UsageError} If a value is wrong.
 */
export function questionOf(given: ParsedOptions, nowMs: number): Question {
  const sinceMs = timeOf("since", given.since, nowMs);
  const untilMs = timeOf("until", given.until, nowMs);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs) {
    throw new UsageError("--since must be before --until");
  }
  const { limit = `${LIMIT}` } = given;
  if (!/^[1-9]\d{0,9}$/.test(limit) || Number(limit) > LIMIT_MOST) {
    throw new UsageError(`--limit must be a whole number from 1 to ${LIMIT_MOST}, not "${limit}"`);
  }
  return {
    where: expressionOf(given),
    sinceMs,
    untilMs,
    limit: Number(limit),
    timeoutMs: timeoutOf(given),
  };
}

/**
 * Reads how long the database may take, in milliseconds.
 *
 * @throws {UsageError} If the value is wrong.
 */
export function timeoutOf({ timeout = TIMEOUT }: ParsedOptions): number {
  return durationOf("timeout", timeout);
}

/**
 * Checks the expression.
 *
 * @throws {UsageError} If it cannot be used; the message points at the word.
 */
export function checkExpression(database: Database, text: string | undefined): void {
  if (text !== undefined) checked(() => database.condition(text));
}

/** Shows packets until the last one, the limit, or until the reader has gone. */
export async function query(
  database: Database,
  question: Question,
  isJson: boolean,
): Promise<void> {
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let waitingLength = 0;
  const flush = async () => {
    const bytes = encoder.encode(waiting.join(""));
    [waiting, waitingLength] = [[], 0];
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  };
  try {
    await database.query(question, async (packet) => {
      const line = `${isJson ? jsonLine(packet) : lineOf(packet)}\n`;
      waiting.push(line);
      waitingLength += line.length;
      if (waitingLength < CHUNK) return true;
      await flush();
      return true;
    });
    await flush();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    // As with `| head`, whose end is no failure.
    if (!(cause instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Characters that are written at once. */
const CHUNK = 16_384;

/**
 * Returns a packet as `watch` shows it in a pipe, and the host that logged it; nothing in it acts on a
 * terminal.
 */
export function lineOf(packet: StoredPacket): string {
  const line = describe(lineFactsOf(packet));
  const { host } = packet;
  if (host === undefined || host === "") return line;
  const word = jsonLine(host).slice(1, -1);
  return `${line} host=${escapedWhere(word, /[\s\p{Z}]/gu)}`;
}
