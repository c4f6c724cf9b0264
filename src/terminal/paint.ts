/** Colours of words on a terminal. Pure. */

import { cutEnd, textWidth } from "./width.ts";

/** Colours by the terminal's own palette, so that they fit light and dark ones (ECMA-48 SGR). */
const CODES = {
  plain: "",
  bold: "1",
  dim: "2",
  inverse: "7",
  red: "31",
  green: "32",
  yellow: "33",
  cyan: "36",
} as const;

/** Style of a word. */
export type Style = keyof typeof CODES;

/** A piece of a line and its style. */
export type Piece = readonly [text: string, style: Style];

/**
 * Joins pieces into one line.
 *
 * @param pieces Pieces of the line.
 * @param columns Width limit; the rest is cut off.
 * @param colored Whether to use colours.
 */
export function paintedLine(pieces: readonly Piece[], columns: number, colored: boolean): string {
  let left = columns;
  let line = "";
  const rest = pieces.filter(([text]) => text !== "");
  for (const [index, [text, style]] of rest.entries()) {
    // The following pieces have no room: the last column shows the cut.
    const isCut = textWidth(text) === left && index < rest.length - 1;
    const shown = isCut ? cutEnd(`${text} `, left) : cutEnd(text, left);
    left -= textWidth(shown);
    line += colored && style !== "plain" ? `\x1b[${CODES[style]}m${shown}\x1b[0m` : shown;
    if (left <= 0) break;
  }
  return line;
}
