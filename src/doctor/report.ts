/** Findings as lines for people. Pure. */

import { escaped } from "../text/escape.ts";
import { paintedLine, type Style } from "../terminal/paint.ts";
import { cutMiddle, padEnd, textWidth } from "../terminal/width.ts";
import type { Finding, State } from "../finding.ts";

/** Word and colour of a state. */
const STATES: Readonly<Record<State, readonly [word: string, style: Style]>> = {
  ok: ["ok", "green"],
  note: ["note", "yellow"],
  fix: ["FIX", "red"],
  skipped: ["--", "dim"],
};

/** Widths of the columns of states and checks. */
const [STATE_WIDTH, CHECK_WIDTH] = [6, 19];
/** Text of more columns is hard to read. */
const TEXT_MAX = 100;

/** Appearance of lines. */
export interface Look {
  /** Columns of the terminal. */
  columns: number;
  /** Whether colours are wanted. */
  colored: boolean;
}

/** Writes a finding as lines; commands are never broken. */
export function findingLines(finding: Finding, { columns, colored }: Look): string[] {
  const { check, state, message, fix, commands = [] } = finding;
  const [word, style] = STATES[state];
  const indent = STATE_WIDTH + CHECK_WIDTH;
  const room = Math.max(20, Math.min(columns, TEXT_MAX) - indent);
  const [first = "", ...rest] = wrapped(escaped(message), room);
  const head = paintedLine(
    [[padEnd(word, STATE_WIDTH), style], [
      padEnd(cutMiddle(escaped(check), CHECK_WIDTH - 1), CHECK_WIDTH),
      "plain",
    ]],
    indent,
    colored,
  );
  const label = state === "fix" ? "fix" : "hint";
  const advice = fix === undefined ? [] : wrapped(`${label}: ${escaped(fix)}`, room);
  const below = [...rest, ...advice].map((line) => " ".repeat(indent) + line);
  const typed = commands.map((command) => `${" ".repeat(STATE_WIDTH)}$ ${escaped(command)}`);
  return [head + first, ...below, ...typed].map((line) => line.trimEnd());
}

/** Returns the summary of all findings. */
export function summaryLine(findings: readonly Finding[]): string {
  const count = findings.filter(({ state }) => state === "fix").length;
  if (count > 0) return `${count} ${count === 1 ? "thing" : "things"} to fix.`;
  if (findings.some(({ state }) => state === "skipped")) {
    return "Nothing to fix in what could be looked at.";
  }
  const doubts = findings.flatMap(({ doubt }) => doubt ?? []);
  if (doubts.length > 0) return `Nothing to fix, unless ${[...new Set(doubts)].join(", or ")}.`;
  return `${["All is well", ...findings.flatMap(({ summary }) => summary ?? [])].join("; ")}.`;
}

/** Returns whether nothing has to be done, and everything could be looked at. */
export function isWell(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state === "ok" || state === "note");
}

/** Wraps a text to a width; a wider word has a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const isRoom = last !== undefined && textWidth(last) + 1 + textWidth(word) <= width;
    if (isRoom) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
