/**
 * A terminal, or none, that keeps what is written to it.
 *
 * @module
 */

import type { TextStream } from "../../src/terminal/stream.ts";

/** Keeps what is written. */
export class Recorder implements TextStream {
  /** All that was written. */
  text = "";
  /** What a write waits for; while it is there, nothing is taken. */
  held: Promise<void> | undefined;
  /** What a write fails with. */
  failure: unknown;
  readonly #terminal: boolean;

  /** A terminal, unless said otherwise. */
  constructor(terminal = true) {
    this.#terminal = terminal;
  }

  isTerminal(): boolean {
    return this.#terminal;
  }

  writeSync(bytes: Uint8Array): number {
    // Never more than a few bytes at once: whoever writes must go on.
    const taken = bytes.subarray(0, 7);
    this.text += String.fromCharCode(...taken);
    return taken.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.held;
    if (this.failure !== undefined) throw this.failure;
    return this.writeSync(bytes);
  }

  /** What a person would see: the lines of a screen of that size, those below the last text left out. */
  screen(columns: number, rows: number): string[] {
    const lines = [""];
    let [row, column] = [0, 0];
    const text = new TextDecoder().decode(
      Uint8Array.from(this.text, (character) => character.charCodeAt(0)),
    );
    // deno-lint-ignore no-control-regex
    for (const [token] of text.matchAll(/\x1b\[\d*[A-Za-z]|./gsu)) {
      const count = Number(/\d+/.exec(token)?.[0] ?? 1);
      if (token === "\n") [row, column] = [row + 1, 0];
      else if (token === "\r") column = 0;
      else if (token.startsWith("\x1b") && token.endsWith("F")) {
        [row, column] = [Math.max(0, row - count), 0];
      } else if (token === "\x1b[K") lines[row] = (lines[row] ?? "").slice(0, column);
      else if (token === "\x1b[J") lines.splice(row + 1), lines[row] = lines[row]!.slice(0, column);
      else if (token.startsWith("\x1b")) throw new Error(`Unknown: ${JSON.stringify(token)}`);
      else {
        const line = (lines[row] ?? "").padEnd(column);
        lines[row] = line.slice(0, column) + token + line.slice(column + 1);
        if (++column > columns) throw new Error(`A line is wider than ${columns}: ${lines[row]}`);
      }
      lines[row] ??= "";
    }
    return lines.slice(-rows);
  }
}
