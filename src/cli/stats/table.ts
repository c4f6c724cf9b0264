/** Counters as a table for people. Pure. */

import { fitted, grouped } from "../../text/figures.ts";
import type { Counters } from "../../daemon/telemetry/ledger.ts";
import type { Stats } from "../../daemon/telemetry/stats_client.ts";
import { escaped, escapedLines } from "../../text/escape.ts";
import { hostsTable } from "./hosts_table.ts";

/** Characters of a name that are shown. */
const NAME_MAX = 18;
/** Widths of the columns: the first holds the large figures. */
const [FIRST, OTHERS] = [15, 11];

type Row = Readonly<Record<string, number>>;
type Rows = Readonly<Record<string, Row>>;

/** Columns of each kind of row; rates are of the first. */
const COLUMNS = {
  source: ["received", "lost", "malformed", "foreign"],
  filter: ["passed", "dropped", "failed", "timedOut"],
  output: ["written", "failed", "dropped", "spooled"],
} as const;

/** Counters that were asked for before, and how long ago, for rates. */
export interface Before {
  counters: Counters;
  /** Seconds since then. */
  seconds: number;
}

/**
 * Draws a table, at most 80 columns wide: sources, filter and outputs, a row each.
 *
 * @param counters What to show.
 * @param before What rates are made from; without it there are none.
 * @returns The lines.
 */
export function statsTable(counters: Stats, before?: Before): string[] {
  const { sources, filter, outputs, hosts, refusal, notes = [], problems = [] } = counters;
  const lines = [...notes, ...problems];
  const old = before?.counters;
  const part = (kind: keyof typeof COLUMNS, rows: unknown, former: unknown) =>
    block(kind, rows as Rows, former as Rows | undefined, before?.seconds ?? 0);
  return [
    ...part("source", sources, old?.sources),
    "",
    ...part("filter", { "": filter }, old && { "": old.filter }),
    "",
    ...part("output", outputs, old?.outputs),
    ...further(outputs),
    ...hosts === undefined ? [] : ["", ...hostsTable(hosts, Date.now())],
    ...lines.length === 0 ? [] : ["", ...lines.map(escaped)],
    ...refusal === undefined ? [] : ["", escapedLines(refusal)],
  ];
}

function block(
  kind: keyof typeof COLUMNS,
  rows: Rows,
  former: Rows | undefined,
  seconds: number,
): string[] {
  const columns = COLUMNS[kind];
  const [rated] = columns;
  const hasRates = former !== undefined && seconds > 0;
  return [
    line(kind, [...columns, hasRates ? "per second" : ""]),
    ...Object.entries(rows).map(([name, row]) => {
      const before = former?.[name]?.[rated];
      const rate = hasRates && before !== undefined
        ? fitted(Math.round((row[rated]! - before) / seconds), OTHERS - 1)
        : "";
      const figures = columns.map((column, index) =>
        fitted(row[column]!, (index === 0 ? FIRST : OTHERS) - 1)
      );
      return line(shortened(name), [...figures, rate]);
    }),
  ];
}

/** Figures of outputs that have no column, where there are any. */
function further(outputs: Counters["outputs"]): string[] {
  const shown: readonly string[] = COLUMNS.output;
  return Object.entries(outputs).flatMap(([name, row]) => {
    const figures = Object.entries({ ...row }).filter(([key, value]) =>
      !shown.includes(key) && value !== 0
    );
    if (figures.length === 0) return [];
    const text = figures.map(([key, value]) => `${shortened(key)} ${grouped(value)}`).join(", ");
    return [`${shortened(name)}: ${text}`];
  });
}

function line(name: string, cells: readonly string[]): string {
  const padded = cells.map((cell, index) => cell.padStart(index === 0 ? FIRST : OTHERS));
  return (name.padEnd(NAME_MAX) + padded.join("")).trimEnd();
}

/** Shortens a name to the room that there is; what cannot be printed becomes `?`. */
function shortened(name: string): string {
  const text = name.replaceAll(/\p{C}/gu, "?");
  return text.length > NAME_MAX ? `${text.slice(0, NAME_MAX - 1)}…` : text;
}
