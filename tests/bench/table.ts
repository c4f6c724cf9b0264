/**
 * A run of the benchmark as a table: for a terminal, or as Markdown.
 *
 * @module
 */

import {
  figuresOf,
  type Ratio,
  ratiosOf,
  type Report,
  type Result,
  type Spread,
} from "./summary.ts";

const HEADS = [
  "program",
  "CPU µs/packet (least to most)",
  "user",
  "system",
  "sent/s",
  "lost",
  "drain ms",
  "RSS MB",
  "most MB",
];

/** Formats the table and the ratios for a terminal. */
export function asText(report: Report): string {
  const rows = [HEADS, ...report.results.filter(isMeasured).map(cells)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    ).join("  ")
  );
  return [
    loadOf(report),
    ...lines,
    ...skipped(report),
    ...ratiosOf(report.results).map(ratioText),
  ].join("\n");
}

/** Formats the same as Markdown, without the load's line. */
export function asMarkdown({ results }: Report): string {
  const measured = results.filter(isMeasured);
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [
    line(HEADS),
    line(HEADS.map((_, column) => column === 0 ? "---" : "--:")),
    ...measured.map((result) => line(cells(result))),
    "",
    line(["CPU per packet", "ratio", "goal", ""]),
    line(["---", "--:", "--:", "---"]),
    ...ratiosOf(results).map(({ ours, peer, ratio, goal }) =>
      line([
        `${ours} / ${peer}`,
        ratio.toFixed(2),
        goal === undefined ? "" : `≤ ${goal}`,
        goal === undefined ? "" : verdict(ratio, goal),
      ])
    ),
  ].join("\n");
}

/** Describes the load. */
export function loadOf({ load }: Report): string {
  const { packets, size, rate } = load;
  const speed = rate === null ? "as fast as one core sends them" : `${rate} a second`;
  return `${packets} packets of ${size} bytes a round, ${speed}`;
}

function isMeasured({ rounds }: Result): boolean {
  return rounds.length > 0;
}

function skipped({ results }: Report): string[] {
  return results.flatMap(({ name, skipped }) =>
    skipped === undefined ? [] : [`${name} is skipped: ${skipped}`]
  );
}

function cells(result: Result): string[] {
  const { cpu, user, system, offered, drainMs, resident, most } = figuresOf(result);
  const { lost, logged } = result;
  return [
    result.name,
    `${cpu.median.toFixed(3)} (${cpu.least.toFixed(3)} to ${cpu.most.toFixed(3)})`,
    user.median.toFixed(2),
    system.median.toFixed(2),
    thousands(offered),
    lost === 0 ? "0" : `${lost} (${(100 * lost / logged).toFixed(2)} %)`,
    drainMs.median.toFixed(0),
    resident.median.toFixed(0),
    most.toFixed(0),
  ];
}

function thousands({ median }: Spread): string {
  return `${(median / 1000).toFixed(0)},000`;
}

function ratioText({ ours, peer, ratio, goal }: Ratio): string {
  const end = goal === undefined ? "" : `  (goal ${goal}: ${verdict(ratio, goal)})`;
  return `${ours} / ${peer}: ${ratio.toFixed(2)}${end}`;
}

function verdict(ratio: number, goal: number): string {
  return ratio <= goal ? "reached" : "missed";
}
