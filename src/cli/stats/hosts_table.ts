/** Counters of hosts as a table for people. Pure. */

import { escaped } from "../../text/escape.ts";
import { fitted, grouped } from "../../text/figures.ts";
import type { HostStats } from "../../record/counters.ts";

/** Hosts that are shown; JSON has all. */
const SHOWN_MAX = 40;
/** Columns of a name. */
const NAME_WIDTH = 15;
/** Columns of figures, with their widths: 80 with the name and the time. */
const COLUMNS = [
  ["logged", 11],
  ["lost", 8],
  ["sent", 11],
  ["received", 11],
  ["repeated", 9],
  ["missing", 8],
] as const;
const SEEN_WIDTH = 7;

type Column = typeof COLUMNS[number][0];

/** Units of durations. */
const DURATIONS = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]] as const;

/**
 * Draws a table, at most 80 columns wide: hosts with missing records first, then those that were
 * silent longest; then the sum.
 *
 * @param hosts Counters by host.
 * @param nowMs Current time, in milliseconds since the Unix epoch.
 * @returns The lines.
 */
export function hostsTable(hosts: Readonly<Record<string, HostStats>>, nowMs: number): string[] {
  const all = Object.entries(hosts).sort(([, first], [, second]) =>
    second.missing - first.missing || first.lastSeenMs - second.lastSeenMs
  );
  const further = all.length - SHOWN_MAX;
  const shown = all.slice(0, SHOWN_MAX).sort(([first], [second]) => first < second ? -1 : 1);
  const sum = (name: Column) => all.reduce((sum, [, host]) => sum + figure(host, name), 0);
  const earlier = all.reduce((sum, [, host]) => sum + earlierOf(host), 0);
  return [
    line("host", COLUMNS.map(([name]) => name), "seen"),
    ...shown.map(([name, host]) =>
      line(
        shortened(name),
        COLUMNS.map(([column, width]) => fitted(figure(host, column), width - 1)),
        host.stopped === 0 ? ago(nowMs - host.lastSeenMs) : "ended",
      )
    ),
    ...all.length < 2 ? [] : [line(
      `${grouped(all.length)} hosts`,
      COLUMNS.map(([column, width]) => fitted(sum(column), width - 1)),
      "",
    )],
    ...earlier === 0
      ? []
      : [`received has ${grouped(earlier)} records from before this nfscribe started`],
    ...further > 0 ? [`${grouped(further)} more hosts, which --json has`] : [],
  ];
}

/** Returns a figure; what a host sent and what arrived of it are counted from the same beginning. */
function figure(host: HostStats, column: Column): number {
  return host[column] + (column === "received" ? earlierOf(host) : 0);
}

/** Returns how many records an earlier process has taken, as far as the host has sent them. */
function earlierOf({ sent, received, earlier = 0 }: HostStats): number {
  return Math.min(earlier, Math.max(0, sent - received));
}

function line(name: string, cells: readonly string[], seen: string): string {
  const padded = cells.map((cell, index) => cell.padStart(COLUMNS[index]![1]));
  return (name.padEnd(NAME_WIDTH) + padded.join("") + seen.padStart(SEEN_WIDTH)).trimEnd();
}

function shortened(name: string): string {
  const text = escaped(name);
  return text.length >= NAME_WIDTH ? `${text.slice(0, NAME_WIDTH - 2)}…` : text;
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [size, unit] = DURATIONS.find(([size]) => seconds >= size) ?? DURATIONS.at(-1)!;
  return `${Math.floor(seconds / size)} ${unit}`;
}
