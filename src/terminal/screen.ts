/**
 * A block of lines that replaces the previous one. No terminal mode is changed, so nothing needs to
 * be restored however the program ends.
 */

import { type Size, terminalSize, type TextStream, writeText } from "./stream.ts";
import { textWidth } from "./width.ts";

/**
 * Control sequences: to the beginning of a line further up; erase below; erase the rest of a line
 * (ECMA-48: CPL, ED, EL).
 */
const UP = (lines: number) => `\x1b[${lines}F`;
const ERASE_BELOW = "\x1b[J";
const ERASE_REST = "\x1b[K";
/** Erases the line, including what the terminal echoed, such as `^C`. */
const ERASE_LINE = "\r\x1b[K";

/** Shows blocks, in place on a terminal and one below the other elsewhere. */
export class Screen {
  readonly #stream: TextStream;
  readonly #size: () => Size;
  /** Widths of the lines on the screen. */
  #widths: number[] = [];

  constructor(stream: TextStream, size: () => Size = terminalSize) {
    this.#stream = stream;
    this.#size = size;
  }

  /** Current size of the terminal. */
  get size(): Size {
    return this.#size();
  }

  /**
   * Shows a block.
   *
   * @param lines Its lines, without control characters and no wider than the terminal.
   */
  show(lines: readonly string[]): void {
    if (!this.#stream.isTerminal()) return this.print(`${lines.join("\n")}\n\n`);
    const { rows, columns } = this.size;
    // Lines that do not fit would scroll away, and could not be reached again.
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const back = rowsOf(this.#widths, columns);
    const text = shown.map((line) => `${line}${ERASE_REST}\n`).join("");
    this.print(`\r${back > 0 ? UP(Math.min(back, rows - 1)) : ""}${text}${ERASE_BELOW}`);
    this.#widths = shown.map(textWidth);
  }

  /** Writes text unchanged. */
  print(text: string): void {
    writeText(this.#stream, text);
  }

  /** Keeps the block on the screen, and begins a new line below it. */
  leave(): void {
    if (this.#stream.isTerminal()) this.print(ERASE_LINE);
    this.#widths = [];
  }
}

/**
 * Returns the number of rows that lines take in a terminal that was made narrower, which wraps them
 * again.
 */
function rowsOf(widths: readonly number[], columns: number): number {
  return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}
