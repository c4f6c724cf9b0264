/**
 * Rows of `nfscribe test`: a packet each. Pure.
 *
 * @module
 */

import { escaped } from "../../escape.ts";
import type { TraceRow } from "../../sandbox/setup.ts";
import { fold } from "../../terminal/width.ts";
import { Columns } from "../watch/columns.ts";

/** Columns of the packet's number, on a terminal and elsewhere, and of where it goes. */
const [NUMBER_SHORT, NUMBER] = [4, 6];
const WHERE = 14;

/** Makes the row of the packet with a number. */
export type RowText = (number: number, row: TraceRow) => string;

/** The row with all that is known of the packet, in a line. */
export function wholeRow(number: number, row: TraceRow): string {
  const { packet, where, failure } = printable(row);
  const line = `${String(number).padStart(NUMBER)}  ${where.join(", ").padEnd(WHERE)}  ${packet}`;
  return failure === undefined ? line : `${line}\n${" ".repeat(NUMBER + 2)}${failure}`;
}

/**
 * Rows as `nfscribe watch` shows them, cut at the terminal's edge. How a filter
 * failed is told to its end.
 *
 * @param columns How wide the terminal is.
 * @param colored Whether colours are wanted.
 */
export function terminalRows(columns: number, colored: boolean): RowText {
  const lines = new Columns(colored);
  const indent = NUMBER_SHORT + 1;
  return (number, row) => {
    const { packet, where, failure } = printable(row);
    const text = lines.line(packet, { outputs: where }, columns - indent);
    const line = `${String(number).padStart(NUMBER_SHORT)} ${text}`;
    return failure === undefined
      ? line
      : `${line}\n${fold(`${" ".repeat(indent)}${failure}`, columns)}`;
  };
}

/** Nothing in it acts on a terminal: a filter may throw what the network sent. */
function printable({ packet, outputs, error }: TraceRow) {
  return {
    packet: escaped(packet),
    where: outputs.length === 0 ? ["dropped"] : outputs.map(escaped),
    failure: error === undefined ? undefined : `failed: ${escaped(error)}`,
  };
}
