/**
 * A block of lines that takes the place of the one before. No mode of the terminal
 * is changed, so whatever ends the program leaves nothing to be put right.
 *
 * @module
 */

import { type Size, terminalSize, type TextStream, writeText } from "./stream.ts";
import { textWidth } from "./width.ts";

/** To the beginning of a line further up; erase below, erase the rest of a line (ECMA-48: CPL, ED, EL). */
const UP = (lines: number) => `\x1b[${lines}F`;
const ERASE_BELOW = "\x1b[J";
const ERASE_REST = "\x1b[K";
/** To the beginning of the line: what the terminal echoed there, as for Ctrl-C, goes away. */
const ERASE_LINE = "\r\x1b[K";

/** Shows blocks, in place on a terminal and one below the other elsewhere. */
export class Screen {
  readonly #stream: TextStream;
  readonly #size: () => Size;
  /** Widths of the lines that are shown. */
  #widths: number[] = [];

  /** Shows nothing yet. */
  constructor(stream: TextStream, size: () => Size = terminalSize) {
    this.#stream = stream;
    this.#size = size;
  }

  /** How large it is at the moment. */
  get size(): Size {
    return this.#size();
  }

  /**
   * Shows a block.
   *
   * @param lines Its lines, which hold no control characters and fit into the columns.
   */
  show(lines: readonly string[]): void {
    if (!this.#stream.isTerminal()) return this.print(`${lines.join("\n")}\n\n`);
    const { rows, columns } = this.size;
    // What does not fit would scroll away, and could not be reached again.
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const back = rowsOf(this.#widths, columns);
    const text = shown.map((line) => `${line}${ERASE_REST}\n`).join("");
    this.print(`\r${back > 0 ? UP(Math.min(back, rows - 1)) : ""}${text}${ERASE_BELOW}`);
    this.#widths = shown.map(textWidth);
  }

  /** Writes text as it is. */
  print(text: string): void {
    writeText(this.#stream, text);
  }

  /** Leaves what is shown, and begins a new line below it. */
  leave(): void {
    if (this.#stream.isTerminal()) this.print(ERASE_LINE);
    this.#widths = [];
  }
}

/** Rows of lines in a terminal that was made narrower: it breaks them anew. */
function rowsOf(widths: readonly number[], columns: number): number {
  return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}
