/**
 * Records output to a terminal, or to another stream.
 *
 * @module
 */

import type { TextStream } from "../../src/terminal/stream.ts";

/** Keeps everything that is written. */
export class Recorder implements TextStream {
  /** All output. */
  text = "";
  /** A pending promise that blocks writes. */
  held: Promise<void> | undefined;
  /** Error of writes. */
  failure: unknown;
  readonly #terminal: boolean;

  /** Creates a recorder, by default of a terminal. */
  constructor(terminal = true) {
    this.#terminal = terminal;
  }

  isTerminal(): boolean {
    return this.#terminal;
  }

  writeSync(bytes: Uint8Array): number {
    // At most a few bytes at once, so that callers must continue.
    const taken = bytes.subarray(0, 7);
    this.text += String.fromCharCode(...taken);
    return taken.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.held;
    if (this.failure !== undefined) throw this.failure;
    return this.writeSync(bytes);
  }

  /** Returns the visible lines of a screen of that size, without blank ones at the end. */
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
