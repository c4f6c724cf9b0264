/** Questions of the NAT tab. Pure. */

import { parseAddress } from "../../../filter/parse_address.ts";
import { clock as clockTime, day, type Zone } from "../text/format.ts";

/** A question as it is written. */
export interface Written {
  readonly address: string;
  readonly port: string;
  readonly at: string;
}

/** Parameters of a question to the server. */
export interface Asked {
  readonly address: string;
  readonly port: number | undefined;
  /** First and last millisecond of the time. */
  readonly at: number;
  readonly until: number;
}

/** The most flows that are asked for. */
export const MOST_FOUND = 1000;

/** Mistakes in a question, by field. */
export type Mistakes = { readonly [Name in keyof Written]?: string };

/**
 * Checks a question.
 *
 * @param nowMs The time that is asked about where none is written.
 * @param zone Zone of a time that names none.
 * @returns The question, or its mistakes.
 */
export function questionOf(
  { address, port, at }: Written,
  nowMs: number,
  zone: Zone,
): { asked: Asked } | { mistakes: Mistakes } {
  const isAddress = parseAddress(address.trim()) !== undefined;
  const number = /^\d{1,5}$/.test(port.trim()) ? Number(port) : NaN;
  const time = at.trim() === "" ? { at: nowMs, until: nowMs } : timeOf(at.trim(), zone);
  const mistakes: Mistakes = {
    ...!isAddress && { address: "must be an address, as in 198.51.100.7" },
    ...port.trim() !== "" && !(number <= 65_535) && { port: "must be a number up to 65535" },
    ...time === undefined && { at: "must be a time, as in 2026-11-29 08:15:02" },
  };
  if (Object.keys(mistakes).length > 0) return { mistakes };
  return {
    asked: {
      address: address.trim(),
      port: port.trim() === "" ? undefined : number,
      ...time!,
    },
  };
}

/** A time as it is written, by its clock, seconds, their fraction, and its zone. */
const TIME = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Writes a time for the address bar, in UTC: a link asks all who follow it about the same time. A
 * day, and what is no time, stays as it is.
 */
export function sharedTime(text: string, zone: Zone): string {
  const [, clock, seconds, fraction] = TIME.exec(text) ?? [];
  const time = timeOf(text, zone);
  if (time === undefined || clock === undefined) return text;
  return `${new Date(time.at).toISOString().slice(0, lengthOf(seconds, fraction))}Z`;
}

/** Writes a time of the address bar as the page shows times; what is no time stays as it is. */
export function shownTime(text: string, zone: Zone): string {
  const [, clock, seconds, fraction, ownZone] = TIME.exec(text) ?? [];
  const time = timeOf(text, zone);
  if (time === undefined || clock === undefined || ownZone === undefined) return text;
  return `${day(time.at, zone)} ${clockTime(time.at, zone)}`.slice(0, lengthOf(seconds, fraction));
}

/** Returns the length of a time that is written as exactly, without its zone. */
function lengthOf(seconds: string | undefined, fraction: string | undefined): number {
  return fraction !== undefined ? 23 : seconds !== undefined ? 19 : 16;
}

/** Returns a time in milliseconds, which lasts as long as it is exact: a second, a minute, a day. */
function timeOf(text: string, zone: Zone): Pick<Asked, "at" | "until"> | undefined {
  const [, clock, seconds, fraction, ownZone] = TIME.exec(text) ?? [];
  // A day alone would be one in UTC.
  const whole = clock === undefined ? `${text}T00:00` : text.replace(" ", "T");
  const at = Date.parse(ownZone === undefined && zone === "utc" ? `${whole}Z` : whole);
  if (!TIME.test(text) || Number.isNaN(at)) return undefined;
  if (fraction !== undefined) return { at, until: at };
  const lastsMs = seconds !== undefined ? 1000 : clock !== undefined ? 60_000 : 86_400_000;
  return { at, until: at + lastsMs - 1 };
}
