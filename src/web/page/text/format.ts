/** Numbers and times as the page shows them. Pure. */

const COUNT = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
/** Text in place of a time that is none. */
const NO_TIME = "no time";
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Zone of times. */
export type Zone = "local" | "utc";

/** Writes a count in full, as in `12,345`. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** Writes a count in four characters or so, as in `12.3K`. */
export function shortCount(value: number): string {
  return SHORT.format(value);
}

/** Writes a number of bytes, as in `1.5 MB`. */
export function bytes(value: number): string {
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Writes a number with hexadecimal digits, as in `0x1f`. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Writes a number and its unit in the plural where it is not one. */
export function plural(value: number, unit: string): string {
  return `${count(value)} ${unit}${value === 1 ? "" : "s"}`;
}

/** Writes a time of day with milliseconds, as in `08:15:02.123`. */
export function clock(ms: number, zone: Zone): string {
  if (!isTime(ms)) return NO_TIME;
  return shifted(ms, zone).toISOString().slice(11, 23);
}

/** Writes a day, as in `2026-11-29`. */
export function day(ms: number, zone: Zone): string {
  if (!isTime(ms)) return NO_TIME;
  return shifted(ms, zone).toISOString().slice(0, 10);
}

/** Writes a day and a time to the second, as in `2026-11-29 08:15:02`. */
export function moment(ms: number, zone: Zone): string {
  if (!isTime(ms)) return NO_TIME;
  return shifted(ms, zone).toISOString().slice(0, 19).replace("T", " ");
}

/** Writes a time below an axis whose ticks are so many seconds apart: the day at its beginning. */
export function tick(ms: number, stepSeconds: number, zone: Zone): string {
  if (!isTime(ms)) return "";
  const date = shifted(ms, zone);
  const time = date.toISOString().slice(11, 19);
  if (time === "00:00:00" || stepSeconds >= 86_400) {
    const part = stepSeconds >= 86_400 * 28
      ? { year: "numeric" } as const
      : { day: "numeric" } as const;
    return date.toLocaleDateString("en-US", { month: "short", ...part, timeZone: "UTC" });
  }
  return stepSeconds < 60 ? time : time.slice(0, 5);
}

/** Writes a length of time in its largest unit, as in `15 minutes`. */
export function duration(ms: number): string {
  const units: [string, number][] = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1000],
  ];
  for (const [unit, length] of units) {
    if (ms < length) continue;
    const value = ms / length;
    return plural(Number.isInteger(value) ? value : Number(value.toFixed(1)), unit);
  }
  return `${Math.round(ms)} ms`;
}

/** Returns whether a number is a time with a year of four digits: a store may have others. */
function isTime(ms: number): boolean {
  const year = new Date(ms).getUTCFullYear();
  return year > 0 && year < 9999;
}

/** Returns a date whose parts in UTC are those of a time in its zone. */
function shifted(ms: number, zone: Zone): Date {
  const date = new Date(ms);
  return zone === "utc" ? date : new Date(ms - date.getTimezoneOffset() * 60_000);
}
