/** Ranges of time in the address bar: RFC 3339, or relative to the present. */

/** A range as it is written: `2026-11-29T08:00:00Z`, `-15m` or `now`. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** A range in milliseconds since the Unix epoch. */
export interface Times {
  readonly fromMs: number;
  readonly toMs: number;
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
};
const RELATIVE = /^-(\d{1,6})([smhdwy])$/;

/** The range that is shown first. */
export const FIRST_RANGE: Range = { from: "-15m", to: "now" };

/** Ranges that end now, by their starts. */
export const PRESETS: readonly { from: string; label: string }[] = [
  { from: "-1m", label: "1 minute" },
  { from: "-5m", label: "5 minutes" },
  { from: "-15m", label: "15 minutes" },
  { from: "-1h", label: "1 hour" },
  { from: "-6h", label: "6 hours" },
  { from: "-24h", label: "24 hours" },
  { from: "-7d", label: "7 days" },
  { from: "-30d", label: "30 days" },
  { from: "-1y", label: "1 year" },
];

/** Returns the moment that a text names; undefined if it names none. */
export function momentOf(text: string, nowMs: number): number | undefined {
  if (text === "now") return nowMs;
  const [, count, unit] = RELATIVE.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * UNITS[unit!]!;
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Returns whether a range ends now, and goes on with time. */
export function isLive({ to }: Range): boolean {
  return to === "now";
}

/** Returns a range in milliseconds; the first range in place of one that is wrong. */
export function timesOf({ from, to }: Range, nowMs: number): Times {
  const fromMs = momentOf(from, nowMs);
  const toMs = momentOf(to, nowMs);
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) {
    return timesOf(FIRST_RANGE, nowMs);
  }
  return { fromMs, toMs };
}

/** Writes a range of fixed times. */
export function fixedRange({ fromMs, toMs }: Times): Range {
  return { from: rfc3339(fromMs), to: rfc3339(Math.max(toMs, fromMs + 1)) };
}

/** Returns a range twice as long with the same middle, or one that ends now, where it would end later. */
export function zoomedOut(range: Range, nowMs: number): Range {
  const { fromMs, toMs } = timesOf(range, nowMs);
  const length = (toMs - fromMs) * 2;
  if (isLive(range)) {
    const longer = PRESETS.find(({ from }) => nowMs - momentOf(from, nowMs)! >= length - 1);
    return { from: longer?.from ?? PRESETS.at(-1)!.from, to: "now" };
  }
  const end = Math.min((fromMs + toMs) / 2 + length / 2, nowMs);
  return fixedRange({ fromMs: Math.round(end - length), toMs: Math.round(end) });
}

/** Returns a range moved by half of its length; one that would reach beyond now ends now. */
export function moved(range: Range, direction: 1 | -1, nowMs: number): Range {
  const { fromMs, toMs } = timesOf(range, nowMs);
  const length = toMs - fromMs;
  if (direction > 0 && isLive(range)) return range;
  const end = Math.min(toMs + direction * length / 2, nowMs);
  return fixedRange({ fromMs: Math.round(end - length), toMs: Math.round(end) });
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, "Z");
}
