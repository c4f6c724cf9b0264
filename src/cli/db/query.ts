/** `nfscribe db query`: records of a table, a line each. */

import type { Database, Question } from "../../output/define.ts";
import { describeCounter } from "../../counter/describe.ts";
import { OutputError } from "../../errors.ts";
import { ExpressionError, withPlace } from "../../filter/expression/error.ts";
import { describeFlow } from "../../flow/describe.ts";
import { kindAskedFor } from "../../output/table/condition.ts";
import type { TableKind } from "../../output/table/record_table.ts";
import { lineFactsOf } from "../../output/table/stored_packet.ts";
import type { StoredRecord } from "../../output/table/stored_record.ts";
import { describe } from "../../packet/describe.ts";
import { escaped, escapedWhere, jsonLine } from "../../text/escape.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { checked, expressionOf } from "../expression.ts";
import { durationOf, timeOf } from "./times.ts";

/** Records that are shown unless `--limit` says otherwise. */
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
  const where = expressionOf(given);
  const isAboutFlows = given.flows !== undefined ||
    where !== undefined && checked(() => kindAskedFor(where)) === "flow";
  if (given.flows !== undefined && given.counters !== undefined) {
    throw new UsageError("--flows and --counters are two questions: ask one after the other");
  }
  const kind = given.counters !== undefined ? "counter" : isAboutFlows ? "flow" : "packet";
  return {
    kind,
    where,
    sinceMs,
    untilMs,
    limit: limitOf(given),
    timeoutMs: timeoutOf(given),
  };
}

/**
 * Reads how many records are shown.
 *
 * @throws {UsageError} If the value is wrong.
 */
export function limitOf({ limit = `${LIMIT}` }: ParsedOptions): number {
  if (/^[1-9]\d{0,9}$/.test(limit) && Number(limit) <= LIMIT_MOST) return Number(limit);
  throw new UsageError(`--limit must be a whole number from 1 to ${LIMIT_MOST}, not "${limit}"`);
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
export function checkExpression(
  database: Database,
  { where, kind }: Pick<Question, "where" | "kind">,
): void {
  if (where === undefined) return;
  try {
    database.condition(where, kind);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { excerpt, reason } = error;
    const hint = kind === "packet" && isFor(database, where, "flow") ? ": add --flows" : "";
    throw new UsageError(withPlace({ reason: `${reason}${hint}`, excerpt }));
  }
}

function isFor(database: Database, where: string, kind: TableKind): boolean {
  try {
    database.condition(where, kind);
    return true;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return false;
  }
}

/** Shows records until the last one, the limit, or until the reader has gone. */
export async function query(
  database: Database,
  question: Question,
  isJson: boolean,
): Promise<void> {
  let isEmpty = true;
  await printing((print) =>
    database.query(question, async (record) => {
      isEmpty = false;
      await print(isJson ? jsonLine(record) : lineOf(record));
      return true;
    })
  );
  if (!isEmpty) return;
  if (Deno.stderr.isTerminal()) {
    console.error("No row is chosen; capital letters count in prefixes and other texts");
  }
  if (question.kind !== "packet") return;
  const all = { limit: 1, timeoutMs: question.timeoutMs };
  if (await isThere(database, { ...all, kind: "packet" }) !== false) return;
  if (!await isThere(database, { ...all, kind: "flow" })) return;
  console.error("There are no rows of packets, but rows in flows: add --flows");
}

/** Returns whether a question has an answer, for a hint; undefined if the database refuses. */
export async function isThere(
  database: Database,
  question: Question,
): Promise<boolean | undefined> {
  let found = false;
  try {
    await database.query(question, () => {
      found = true;
      return Promise.resolve(false);
    });
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    return undefined;
  }
  return found;
}

/** Prints lines, some at a time, until the reader has gone. */
export async function printing(
  act: (print: (line: string) => Promise<void>) => Promise<void>,
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
    await act(async (line) => {
      waiting.push(`${line}\n`);
      waitingLength += line.length;
      if (waitingLength >= CHUNK) await flush();
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
 * Returns a record as `watch` shows it in a pipe, and the host that logged it; nothing in it acts on a
 * terminal.
 */
export function lineOf(record: StoredRecord): string {
  return `${wordsOf(record)}${hostWord(record.host)}`;
}

function wordsOf(record: StoredRecord): string {
  switch (record.type) {
    case "flow":
      return escaped(describeFlow(record));
    case "counter":
      return escaped(describeCounter(record));
    case "packet":
      return describe(lineFactsOf(record));
  }
}

/** Returns the word for the host that logged a record, with a blank before it. */
export function hostWord(host: string | undefined): string {
  if (host === undefined || host === "") return "";
  const word = jsonLine(host).slice(1, -1);
  return ` host=${escapedWhere(word, /[\s\p{Z}]/gu)}`;
}
