/** Rows of `nfscribe test`: a packet each, or lines that a script emits between two. Pure. */

import { describe } from "../../packet/describe.ts";
import { escaped } from "../../text/escape.ts";
import { pairText } from "../../text/pair.ts";
import type { TraceRow } from "../../sandbox/setup.ts";
import { fold } from "../../terminal/width.ts";
import { Columns } from "../watch/columns.ts";

/** Columns of the packet's number, on a terminal and elsewhere, and of where it goes. */
const [NUMBER_SHORT, NUMBER] = [4, 6];
const WHERE = 14;
/** Stands for a number between packets. */
const BETWEEN = "-";

/** Makes the row of the packet with a number; what stands between packets has none. */
export type RowText = (number: number, row: TraceRow) => string;

/** Writes all that is known of a packet in a line, and what the filter did with it below. */
export function wholeRow(number: number, row: TraceRow): string {
  const { where, notes } = printable(row);
  if (row.packet === undefined) return joined(BETWEEN.padStart(NUMBER), "  ", notes);
  const head = `${String(number).padStart(NUMBER)}  ${where.join(", ").padEnd(WHERE)}`;
  const line = `${head}  ${describe(row.packet)}`;
  return [line, ...notes.map((note) => " ".repeat(NUMBER + 2) + note)].join("\n");
}

/**
 * Returns a function that writes rows as `nfscribe watch` does, cut at the terminal's edge.
 * Notes on what the filter did at a packet, or how it failed, are wrapped instead.
 *
 * @param columns How wide the terminal is.
 * @param colored Whether colours are wanted.
 */
export function terminalRows(columns: number, colored: boolean): RowText {
  const lines = new Columns(colored);
  const indent = NUMBER_SHORT + 1;
  return (number, row) => {
    const { where, notes } = printable(row);
    if (row.packet === undefined) {
      return fold(joined(BETWEEN.padStart(NUMBER_SHORT), " ", notes), columns);
    }
    const text = lines.line(row.packet, { outputs: where }, columns - indent);
    const line = `${String(number).padStart(NUMBER_SHORT)} ${text}`;
    return [line, ...notes.map((note) => fold(" ".repeat(indent) + note, columns))].join("\n");
  };
}

/** Notes that stand alone: the first one behind a mark, the others below it. */
function joined(mark: string, gap: string, notes: readonly string[]): string {
  return notes.map((note, at) => (at === 0 ? mark : " ".repeat(mark.length)) + gap + note)
    .join("\n");
}

/**
 * Escapes a row, so that nothing in it acts on a terminal: a filter may throw, attach and
 * emit what the network sent.
 */
function printable(row: TraceRow) {
  const { outputs, attached, emitted = [], emittedMore, error } = row;
  return {
    where: outputs.length === 0 ? ["dropped"] : outputs.map(escaped),
    notes: [
      ...attached === undefined ? [] : [`attached: ${escaped(attached)}`],
      ...emitted.map(({ output, fields }) =>
        `emitted to ${escaped(output)}: ${fields.map(pairText).join(" ")}`
      ),
      ...emittedMore === undefined ? [] : [`emitted: ${emittedMore} more lines`],
      ...error === undefined ? [] : [`failed: ${escaped(error)}`],
    ],
  };
}
