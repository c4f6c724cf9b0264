/** Questions for the holder of a translated address and port (RFC 6888, RFC 7422). Pure. */

import type { SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { conditionFor } from "./condition.ts";
import { FLOWS } from "./flows.ts";
import { presentCondition } from "./record_table.ts";

/** Question for the holder of a translated address and port. */
export interface NatQuestion {
  /** The external address: 4 or 16 bytes in network order. */
  address: Uint8Array;
  /** Its port; undefined for all. */
  port: number | undefined;
  /** First moment of the time that is asked for, in milliseconds since the Unix epoch. */
  fromMs: number;
  /** Last moment. */
  toMs: number;
  /** Expression that chooses among the flows; undefined for all. */
  where: string | undefined;
  /** The most answers, the newest first. */
  limit: number;
  /** Time that the database may take, in milliseconds. */
  timeoutMs: number;
}

/** A flow that was translated at the time that was asked for. */
export interface Translation {
  /** Its last record, with its start where an earlier one tells it. */
  flow: StructuredFlow;
  /** Time of its start, in RFC 3339. */
  start: string;
  /** Time of its end; undefined where none is recorded. */
  end: string | undefined;
}

/** Answer to the question for the holder of a translated address and port. */
export interface NatAnswer {
  /** Flows that were translated so, the newest first. */
  found: readonly Translation[];
  /** Number of flows that ended then or later, of which no record tells the beginning. */
  unknown: number;
  /** Whether all flows are in {@linkcode found}: there were no more than the limit. */
  isComplete: boolean;
  /** Whether any record that was read is of a flow that was open: else only ends may be recorded. */
  hasOpen: boolean;
}

/**
 * Answers a question from the flows of a database.
 *
 * @param read Reads the rows that fulfil each condition, those of a flow in the order of time.
 * @returns The flows, and the number of those of which no record tells the beginning.
 */
export async function answerNat(
  question: NatQuestion,
  dialect: SqlDialect,
  read: (conditions: string[], take: (flow: StructuredFlow) => void) => Promise<void>,
): Promise<NatAnswer> {
  const { where } = question;
  const condition = where === undefined ? undefined : conditionFor("flow", where, dialect);
  const search = new NatSearch(question);
  await read(natConditions(question, condition, dialect), (flow) => search.take(flow));
  const found = search.finish();
  const { unknown, isComplete, hasOpen } = search;
  return { found, unknown, isComplete, hasOpen };
}

/**
 * Returns the conditions of rows that can answer a question, one for each index that leads to them.
 *
 * @param condition Further condition; undefined for none.
 */
export function natConditions(
  { address, port }: NatQuestion,
  condition: string | undefined,
  dialect: SqlDialect,
): string[] {
  return FLOWS.indexes.map((index) => {
    const [external, externalPort] = index.columns;
    const parts = [
      `${external} = ${dialect.address(address)}`,
      ...port === undefined ? [] : [`${externalPort} = ${port}`],
      presentCondition(index),
      ...condition === undefined ? [] : [`(${condition})`],
    ];
    return parts.join(" AND ");
  });
}

/** Finds flows in their records. */
export class NatSearch {
  readonly #from: string;
  readonly #to: string;
  readonly #limit: number;
  /** The last record of each flow whose end was not read, and when it began. */
  readonly #open = new Map<string, { flow: StructuredFlow; start: string }>();
  #found: Translation[] = [];
  /** Flows that were found. */
  readonly #judged = new Set<string>();
  /** Flows that ended then or later, of which no record tells the beginning. */
  unknown = 0;
  /** Whether no flow was left out for the limit. */
  isComplete = true;
  /** Whether any record is of a flow that was open. */
  hasOpen = false;

  constructor({ fromMs, toMs, limit }: NatQuestion) {
    // Both have the length of stored times, and compare as these.
    [this.#from, this.#to] = [micros(fromMs, "000"), micros(toMs, "999")];
    this.#limit = limit;
  }

  /**
   * Takes a record; those of a flow in the order of time. A flow of which both ends were translated
   * may come twice, by both indexes.
   */
  take(flow: StructuredFlow): void {
    const { event, time } = flow;
    const key = keyOf(flow);
    const known = this.#open.get(key);
    if (event === "destroy" || event === "inferred") {
      this.#open.delete(key);
      return this.#judge(flow, flow.start ?? known?.start, flow.end ?? time);
    }
    this.hasOpen = true;
    if (known !== undefined && time <= known.flow.time) return;
    // The end of the one before was lost: it was no later than this.
    if (event === "new" && known !== undefined) this.#judge(known.flow, known.start, time);
    const start = flow.start ?? (event === "new" ? time : known?.start ?? time);
    this.#open.set(key, { flow, start });
  }

  /** Returns the flows, the newest first, once all records were taken. */
  finish(): Translation[] {
    for (const { flow, start } of this.#open.values()) this.#judge(flow, start, undefined);
    this.#open.clear();
    return this.#newest();
  }

  #judge(flow: StructuredFlow, start: string | undefined, end: string | undefined): void {
    if (end !== undefined && end < this.#from) return;
    if (start === undefined) {
      this.unknown++;
      return;
    }
    if (start > this.#to) return;
    const key = `${start} ${keyOf(flow)}`;
    if (this.#judged.has(key)) return;
    this.#judged.add(key);
    this.#found.push({ flow: { ...flow, start }, start, end });
    if (this.#found.length >= 2 * this.#limit) this.#found = this.#newest();
  }

  #newest(): Translation[] {
    if (this.#found.length > this.#limit) this.isComplete = false;
    return this.#found.toSorted((one, other) => one.start < other.start ? 1 : -1)
      .slice(0, this.#limit);
  }
}

/** Returns a time in RFC 3339 with microseconds. */
function micros(timeMs: number, rest: string): string {
  return new Date(timeMs).toISOString().replace("Z", `${rest}Z`);
}

/** Returns a text that all records of a flow share, and no other one at the same time. */
function keyOf({ host, id, protocol, zone, original, reply }: StructuredFlow): string {
  const ends = [original, reply].map((side) =>
    side && [side.source, side.sourcePort, side.destination, side.destinationPort, side.icmpId]
  );
  return JSON.stringify([host, id, protocol, zone, ends]);
}
