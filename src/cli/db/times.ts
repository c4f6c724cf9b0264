/** Points in time on the command line. */

import { UsageError } from "../command.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
/** Earliest and latest time that every database can compare with: the years 1970 to 9999. */
const [LEAST_MS, MOST_MS] = [0, 253_402_300_799_999];

/** A time of a day, in UTC unless it says otherwise. */
const CLOCK = /^\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * Parses a point in time: an age, as in `1h`, a date, as in `2026-01-31` or `2026-01-31T10:00`, or the
 * last time that it was `10:00`, in UTC unless it says otherwise.
 *
 * @param option Name of the option, for the error.
 * @returns Milliseconds since the Unix epoch; undefined for undefined.
 * @throws {UsageError} If it is none.
 */
export function timeOf(
  option: string,
  text: string | undefined,
  nowMs: number,
): number | undefined {
  if (text === undefined) return undefined;
  const timeMs = ageOf(text, nowMs) ?? dateOf(dated(text, nowMs));
  if (timeMs !== undefined && timeMs >= LEAST_MS && timeMs <= MOST_MS) return timeMs;
  throw new UsageError(
    `--${option} must be an age as in 90s, 30m, 1h, 7d or 2w, or a time as in 2026-01-31, ` +
      `2026-01-31T10:00 or 10:00 (UTC), not "${text}"`,
  );
}

/**
 * Parses a duration, as in `60s` or `5m`; a number alone is seconds.
 *
 * @returns Milliseconds.
 * @throws {UsageError} If it is none.
 */
export function durationOf(option: string, text: string): number {
  const [, number, unit = "s"] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const durationMs = Number(number) * UNITS_MS[unit || "s"]!;
  if (durationMs > 0 && durationMs <= MOST_TIMEOUT_MS) return durationMs;
  throw new UsageError(`--${option} must be a time as in 60s, 5m or 1h, not "${text}"`);
}

/** Longest time that every server takes as a limit: a day. */
const MOST_TIMEOUT_MS = 86_400_000;

/**
 * Parses a time, which lasts as long as it is exact: `07:52` is a minute, `2026-01-31` a day.
 *
 * @param option Name of the option, for the error.
 * @returns The first and the last millisecond of it, since the Unix epoch.
 * @throws {UsageError} If it is none.
 */
export function spanOf(
  option: string,
  text: string,
  nowMs: number,
): { fromMs: number; toMs: number } {
  const fromMs = timeOf(option, text, nowMs)!;
  const [, minutes, seconds, fraction] = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:(\d\d)(?::(\d\d)(\.\d+)?)?)?/
    .exec(dated(text, nowMs)) ?? ["", "", "", ""];
  if (ageOf(text, nowMs) !== undefined || fraction !== undefined) return { fromMs, toMs: fromMs };
  const lastsMs = seconds !== undefined
    ? UNITS_MS.s!
    : minutes !== undefined
    ? UNITS_MS.m!
    : UNITS_MS.d!;
  return { fromMs, toMs: fromMs + lastsMs - 1 };
}

function ageOf(text: string, nowMs: number): number | undefined {
  const [, number, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  return number === undefined ? undefined : nowMs - Number(number) * UNITS_MS[unit!]!;
}

/** Adds the last date with a time of a day that has come already. */
function dated(text: string, nowMs: number): string {
  if (!CLOCK.test(text)) return text;
  // With an offset, the day of UTC may be another one than the day there.
  const days = [1, 0, -1, -2].map((days) => {
    const date = new Date(nowMs + days * UNITS_MS.d!).toISOString().slice(0, 10);
    return `${date}T${text}`;
  });
  return days.find((full) => (dateOf(full) ?? 0) <= nowMs) ?? text;
}

function dateOf(text: string): number | undefined {
  const [, date, time = "00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(
      text,
    ) ??
      [];
  const timeMs = Date.parse(`${date}T${time}${zone}`);
  // A day that a month does not have would be one of the next month, and 24:00 of the next day.
  const exists = /^([01]\d|2[0-3])/.test(time) && isDay(date);
  return exists && !Number.isNaN(timeMs) ? timeMs : undefined;
}

function isDay(date: string | undefined): boolean {
  const day = new Date(`${date}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${date}T`);
}
