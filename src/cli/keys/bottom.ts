/** Bottom lines of a command that is controlled by keys: the trend, its state and its keys. Pure. */

import { paintedLine, type Piece } from "../../terminal/paint.ts";
import type { Trend } from "../../terminal/trend.ts";
import { cutEnd, fold, textWidth } from "../../terminal/width.ts";
import type { Cursor } from "../../terminal/footed_terminal.ts";
import { grouped } from "../../text/figures.ts";
import { escaped } from "../../text/escape.ts";
import type { Controls, Prompt } from "./controls.ts";

/** Widths of the trend: at least, and at most. */
const [TREND_LEAST, TREND_MAX] = [8, 60];
/** Lines of an error's reason at most. */
const REASON_MAX = 3;
const GAP = "  ";

/** State that bottom lines show. */
export interface BottomState {
  controls: Controls;
  trend: Trend;
  /** Records that passed since the pause began. */
  passed: number;
  /** Records that were received and are not looked at, as there are too many; 0 for none. */
  omitted: number;
  /** Width of the terminal. */
  columns: number;
  colored: boolean;
}

/** Bottom lines and the place of the cursor. */
export interface Bottom {
  lines: string[];
  /** Absent where nothing is typed. */
  cursor?: Cursor;
}

/** Draws the bottom lines; none fills the last column, in which some terminals wrap. */
export function bottom(state: BottomState): Bottom {
  const { controls: { prompt }, colored } = state;
  const columns = Math.max(1, state.columns - 1);
  return prompt === undefined
    ? { lines: [statusLine(state, columns)] }
    : promptLines(prompt, columns, colored);
}

function statusLine(state: BottomState, columns: number): string {
  const { trend, colored, controls: { hint } } = state;
  const rate = `${grouped(Math.round(trend.last))}/s`;
  const words = hint === undefined ? stateOf(state) : [[hint, "yellow"] as const];
  const keys = keyWords(state.controls);
  const taken = textWidth(rate) + words.reduce((sum, [text]) => sum + 2 + textWidth(text), 0);
  // The keys come first where there is room: a trend may be short.
  const fitting = keys.find((text) => taken + TREND_LEAST + 2 + textWidth(text) + 2 <= columns) ??
    "";
  const room = columns - taken - (fitting === "" ? 1 : textWidth(fitting) + 3);
  const width = room < TREND_LEAST ? 0 : Math.min(TREND_MAX, room);
  const left: Piece[] = [
    ...width > 0 ? [[`${trend.bars(width)} `, "cyan"] as const] : [],
    [rate, "bold"],
    ...words.flatMap(([text, style]) => [[GAP, "plain"] as const, [text, style] as const]),
  ];
  const used = left.reduce((sum, [text]) => sum + textWidth(text), 0);
  const gap = " ".repeat(Math.max(0, columns - used - textWidth(fitting)));
  return paintedLine([...left, [gap + fitting, "dim"]], columns, colored).trimEnd();
}

/** Returns what is unusual now. */
function stateOf({ controls, passed, omitted }: BottomState): Piece[] {
  const { isPaused, filtersTop, page } = controls;
  const where = filtersTop && page !== "top" ? undefined : controls.where;
  return [
    ...isPaused ? [[`paused: ${grouped(passed)} passed`, "inverse"] as const] : [],
    ...omitted > 0 ? [[`${grouped(omitted)} not seen`, "yellow"] as const] : [],
    ...where === undefined ? [] : [[cutEnd(escaped(where), 40), "green"] as const],
  ];
}

/** Returns the keys in words, from many to few. */
function keyWords({ filters, hasTop, isPaused, page }: Controls): string[] {
  const pause = isPaused ? "p go on" : "p pause";
  const filter = filters ? ["/ filter"] : [];
  const top = hasTop ? [page === "top" ? "t back" : "t top"] : [];
  return [
    ["q quit", pause, ...filter, ...top, "? help"].join(GAP),
    [pause, ...filter, "? help"].join(GAP),
    "? help",
    "?",
  ];
}

function promptLines({ editor, error }: Prompt, columns: number, colored: boolean): Bottom {
  const before = escaped(editor.before);
  const text = escaped(editor.text);
  // The cursor stays in sight: what has no room on its left is cut off.
  const left = scrolled(before, columns - 2);
  const hidden = before.length - left.length;
  const cursor = { line: 0, column: 1 + textWidth(left) };
  const lines = [`/${untilWidth(text.slice(hidden), columns - 1)}`];
  if (error === undefined) {
    const help = "Enter chooses, Esc keeps what was chosen before, Ctrl-U clears";
    lines.push(paintedLine([[help, "dim"]], columns, colored));
    return { lines, cursor };
  }
  const { offset, length, reason, expression } = error;
  const start = textWidth(escaped(expression.slice(0, offset)).slice(hidden));
  const mark = `${" ".repeat(1 + start)}${"^".repeat(Math.max(1, length))}`;
  // A mark that is out of sight would point at another word.
  if (start < columns - 1) lines.push(paintedLine([[mark, "red"]], columns, colored));
  const reasons = fold(escaped(reason), columns).split("\n").slice(0, REASON_MAX);
  lines.push(...reasons.map((line) => paintedLine([[line, "red"]], columns, colored)));
  return { lines, cursor };
}

/** Returns the end of a text that fits. */
function scrolled(text: string, columns: number): string {
  const characters = [...text];
  while (characters.length > 0 && textWidth(characters.join("")) > columns) characters.splice(0, 8);
  return characters.join("");
}

/** Returns the beginning of a text that fits. */
function untilWidth(text: string, columns: number): string {
  return textWidth(text) <= columns ? text : cutEnd(text, columns);
}
