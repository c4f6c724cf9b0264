/**
 * Asks a running nfscribe for its counters. Another program may listen on the socket: the answer is
 * bounded in size and time, and checked.
 */

import { isTable } from "../../schema.ts";
import type { Counters } from "./ledger.ts";

/** Answer of a running nfscribe: its counters. */
export interface Stats extends Counters {
  /** Reason why its last reload was refused; absent if it was not. */
  refusal?: string;
  /** States of sources that are no problems, as standing by, one line each; absent for none. */
  notes?: string[];
  /** Problems of sources and outputs, one line each; absent for none. */
  problems?: string[];
}

/** Limit of the answer, in bytes; each source, output and host takes about 150. */
const ANSWER_MAX = 4 * 1024 * 1024;
const FOREIGN = "another program listens there, or another version of nfscribe";

/** Counters that nfscribe sends for each source, for the filter and for each output. */
const COLUMNS = {
  sources: ["received", "lost", "malformed", "foreign"],
  filter: ["passed", "dropped", "failed", "timedOut"],
  outputs: ["written", "bytes", "failed", "dropped", "spooled", "filtered", "emitted"],
  hosts: ["logged", "lost", "sent", "received", "repeated", "missing", "lastSeenMs", "stopped"],
} as const;

/**
 * Asks the process that listens on a socket for its counters.
 *
 * @param path Path of the socket.
 * @param deadlineMs Time limit, in milliseconds.
 * @param onConnect Called once it is connected, before anything is read.
 * @throws {Error} If it does not answer, or not with counters; the message fits after a colon.
 */
export async function readCounters(
  path: string,
  deadlineMs: number,
  onConnect: () => void = () => {},
): Promise<Stats> {
  using connection = await Deno.connect({ transport: "unix", path });
  onConnect();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = deadlineMs / 1000;
    late.reject(new Error(`there was no answer in ${seconds} s: nfscribe is stopped or hangs`));
  }, deadlineMs);
  try {
    return parseCounters(await Promise.race([readAll(connection), late.promise]));
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (let length = 0;;) {
    const count = await connection.read(buffer);
    if (count === null) return text + decoder.decode();
    length += count;
    if (length > ANSWER_MAX) {
      throw new Error(`the answer has more than ${ANSWER_MAX} bytes: ${FOREIGN}`);
    }
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

/**
 * Parses the answer. Pure.
 *
 * @throws {Error} If it does not hold counters; nothing of it is in the message.
 */
export function parseCounters(text: string): Stats {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(
      "the answer is no document of JSON; it was cut off, or another program listens there",
    );
  }
  if (isCounters(answer)) return answer;
  throw new Error(`the answer holds no counters: ${FOREIGN}`);
}

function isCounters(answer: unknown): answer is Stats {
  if (!isTable(answer)) return false;
  const { sources, filter, outputs, hosts = {}, refusal, notes = [], problems = [] } = answer;
  return isTexts(notes) && isTexts(problems) &&
    (refusal === undefined || typeof refusal === "string") && isTable(sources) &&
    isTable(outputs) && isTable(hosts) && isRow(filter, COLUMNS.filter) &&
    Object.values(sources).every((row) => isRow(row, COLUMNS.sources)) &&
    Object.values(outputs).every((row) => isRow(row, COLUMNS.outputs)) &&
    Object.values(hosts).every((row) => isRow(row, COLUMNS.hosts));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

/** Returns whether a row has these counters; it may have further ones. */
function isRow(row: unknown, columns: readonly string[]): boolean {
  return isTable(row) && columns.every((column) => Object.hasOwn(row, column)) &&
    Object.values(row).every((figure) => typeof figure === "number" && Number.isFinite(figure));
}
