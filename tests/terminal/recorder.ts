/**
 * Records output to a terminal, or to another stream.
 *
 * @module
 */

import type { TextStream } from "../../src/terminal/stream.ts";
import { Emulator } from "./emulator.ts";

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

  /** All output as text. */
  get decoded(): string {
    return new TextDecoder().decode(
      Uint8Array.from(this.text, (character) => character.charCodeAt(0)),
    );
  }

  /** Returns the visible lines of a screen of that size, without blank ones at the end. */
  screen(columns: number, rows: number): string[] {
    const emulator = new Emulator(columns, rows, { wraps: false });
    emulator.write(this.decoded);
    return emulator.lines;
  }
}
