/** Questions in the address of a request. Pure. */

import type { Choice, Span, StoredKind, TopKey } from "../../output/table/reading.ts";
import { QUERY_LIMITS } from "./limits.ts";
import { RequestError } from "./request_error.ts";

/** Latest time that JavaScript's dates have, in milliseconds since the Unix epoch. */
const TIME_MOST = 8.64e15;
/** Latest time that RFC 3339 can write, as times are stored, in milliseconds since the Unix epoch. */
const WRITTEN_MOST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** Longest expression, in UTF-16 units. */
const WHERE_MOST = 8192;

/** Fields whose values are counted unless some are named. */
const TOP_KEYS: readonly TopKey[] = [
  "source",
  "destination",
  "sourcePort",
  "destinationPort",
  "protocol",
  "prefix",
  "in",
  "out",
  "uid",
  "host",
];

/** Keys that a chart may be stacked by; actions are made of prefixes. */
export const CHART_KEYS = ["prefix", "protocol", "host", "capture", "action"] as const;

/** Parameters of a request, each asked for once. */
export class Parameters {
  readonly #parameters: URLSearchParams;

  /**
   * Checks the names.
   *
   * @param known Names that there are.
   * @throws {RequestError} If one is unknown, or given twice.
   */
  constructor(parameters: URLSearchParams, known: readonly string[]) {
    this.#parameters = parameters;
    const seen = new Set<string>();
    for (const name of parameters.keys()) {
      if (!known.includes(name)) {
        throw wrong(name, `unknown; there is ${known.length === 0 ? "none" : known.join(", ")}`);
      }
      if (seen.has(name)) throw wrong(name, "given twice");
      seen.add(name);
    }
  }

  /** Returns a text; undefined where it is absent or empty. */
  text(name: string): string | undefined {
    return this.#parameters.get(name) || undefined;
  }

  /** Returns one of several words, the first without one. */
  word<const Word extends string>(name: string, words: readonly Word[]): Word {
    const given = this.text(name);
    if (given === undefined) return words[0]!;
    const found = words.find((word) => word === given);
    if (found === undefined) throw wrong(name, `must be ${words.join(" or ")}`);
    return found;
  }

  /** Returns a whole number within bounds. */
  number(name: string, least: number, most: number, byDefault: number): number {
    const given = this.text(name);
    if (given === undefined) return byDefault;
    const number = /^-?\d{1,16}$/.test(given) ? Number(given) : NaN;
    if (number >= least && number <= most) return number;
    throw wrong(name, `must be a whole number from ${least} to ${most}`);
  }

  /** Returns the kind of record. */
  kind(): StoredKind {
    return this.word("kind", ["packet", "flow"]);
  }

  /** Returns the expression; undefined for all records. */
  where(): string | undefined {
    const where = this.text("where");
    if (where !== undefined && where.length > WHERE_MOST) {
      throw wrong("where", `may have ${WHERE_MOST} characters`);
    }
    return where === undefined || where.trim() === "" ? undefined : where;
  }

  /** Returns whether both ends of the times are asked for. */
  get hasSpan(): boolean {
    return this.text("from") !== undefined && this.text("to") !== undefined;
  }

  /**
   * Returns the times that are asked for.
   *
   * @param byDefault Ends that are not asked for; all times without it.
   */
  span(byDefault: Span = { fromMs: 0, toMs: TIME_MOST }): Span {
    const fromMs = this.number("from", -TIME_MOST, TIME_MOST, byDefault.fromMs);
    const toMs = this.number("to", -TIME_MOST, TIME_MOST, byDefault.toMs);
    if (fromMs >= toMs) throw wrong("from", "must be before to");
    return { fromMs, toMs };
  }

  /** Returns a time that can be written. */
  time(name: string, least: number, byDefault: number): number {
    return this.number(name, least, WRITTEN_MOST, byDefault);
  }

  /** Returns what chooses records. */
  choice(): Choice {
    return { kind: this.kind(), where: this.where(), span: this.span() };
  }

  /** Returns the time that the answer may take, in milliseconds. */
  budgetMs(): number {
    return this.number("timeout", 1, QUERY_LIMITS.mostMs, QUERY_LIMITS.ms);
  }

  /** Returns the fields whose values are counted. */
  topKeys(): TopKey[] {
    const given = this.text("by")?.split(",") ?? TOP_KEYS;
    return [...new Set(given)].map((name) => {
      const key = TOP_KEYS.find((known) => known === name);
      if (key === undefined) throw wrong("by", `must be some of ${TOP_KEYS.join(", ")}`);
      return key;
    });
  }

  /**
   * Returns the width of a chart's buckets, in milliseconds.
   *
   * @param span Times that the chart is for.
   */
  stepMs({ fromMs, toMs }: Span): number {
    const least = Math.ceil((toMs - fromMs) / QUERY_LIMITS.buckets);
    const step = this.number("step", 1, TIME_MOST, Math.max(least, 1000));
    if (step >= least) return step;
    throw wrong("step", `must be at least ${least}, for ${QUERY_LIMITS.buckets} buckets`);
  }
}

/** Returns the error of a parameter. */
export function wrong(name: string, why: string): RequestError {
  return new RequestError(400, `${name.slice(0, 40)}: ${why}`);
}
