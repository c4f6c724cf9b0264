/**
 * A terminal with lines that stay at its bottom while others scroll above them, and with pages on its
 * alternate screen. Each change is one write, and holds only the lines that have changed.
 */

import { concat } from "../bytes/write.ts";
import { type Size, terminalSize, type TextStream, writeText } from "./stream.ts";
import { textWidth } from "./width.ts";

/** Synchronized output: terminals that know it show a frame at once. */
const [BEGIN_FRAME, END_FRAME] = ["\x1b[?2026h", "\x1b[?2026l"];
/** The cursor (DECTCEM), and the alternate screen of xterm. */
const [HIDE_CURSOR, SHOW_CURSOR] = ["\x1b[?25l", "\x1b[?25h"];
const [ENTER_PAGE, LEAVE_PAGE] = ["\x1b[?1049h\x1b[H\x1b[2J", "\x1b[?1049l"];
/** ECMA-48: erase below, erase a line; cursor up, forward, and to a line (ED, EL, CUU, CUF, CUP). */
const ERASE_BELOW = "\x1b[J";
const ERASE_LINE = "\x1b[2K";
const up = (lines: number) => lines > 0 ? `\x1b[${lines}A` : "";
const forward = (columns: number) => columns > 0 ? `\x1b[${columns}C` : "";
const toLine = (line: number) => `\x1b[${line + 1};1H`;
/** Colours, which have no width (SGR). */
// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[[\d;]*m/g;

/** Time for the last frame, in milliseconds. */
const LAST_MS = 500;

/** Place of the cursor in lines. */
export interface Cursor {
  line: number;
  column: number;
}

/** Lines that wait to be shown. */
interface Shown {
  lines: readonly string[];
  /** Place of the cursor; undefined to hide it. */
  cursor: Cursor | undefined;
}

const NOTHING: Shown = { lines: [], cursor: undefined };
const NO_BYTES = new Uint8Array(0);

/** A terminal whose bottom lines stay. */
export class FootedTerminal implements TextStream {
  readonly #stream: TextStream;
  readonly #size: () => Size;
  readonly #encoder = new TextEncoder();
  /** Bytes that wait to scroll, and what becomes of them. */
  #text: Uint8Array | undefined;
  #written: PromiseWithResolvers<number> | undefined;
  #footer = NOTHING;
  #page: Shown | undefined;
  /** Contents of the screen. */
  #shownFooter = NOTHING;
  #shownPage: Shown | undefined;
  #isSuspended = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #hasFailed = false;
  #writing: Promise<void> | undefined;

  /** Nothing is shown yet. */
  constructor(stream: TextStream, size: () => Size = terminalSize) {
    this.#stream = stream;
    this.#size = size;
  }

  /** Returns whether it is a terminal. */
  isTerminal(): boolean {
    return this.#stream.isTerminal();
  }

  /** Current size. */
  get size(): Size {
    return this.#size();
  }

  /** Writes without regard to the bottom lines; for the time after {@linkcode close}. */
  writeSync(bytes: Uint8Array): number {
    return this.#stream.writeSync(bytes);
  }

  /**
   * Writes whole lines above the bottom ones; waits while a page is shown.
   *
   * @param bytes Lines, each with its newline.
   * @returns Their number.
   * @throws What went wrong with the stream.
   */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#isClosed) return this.#stream.write(bytes);
    this.#text = bytes;
    this.#written = Promise.withResolvers();
    this.#begin();
    return this.#written.promise;
  }

  /**
   * Sets the bottom lines.
   *
   * @param lines Lines, no wider than the terminal.
   * @param cursor Place of the cursor in them; hidden if absent.
   */
  setFooter(lines: readonly string[], cursor?: Cursor): void {
    this.#footer = { lines: lines.slice(-Math.max(1, this.size.rows - 1)), cursor };
    this.#begin();
  }

  /**
   * Shows a page, or returns to the lines.
   *
   * @param lines Its lines, no wider than the terminal; undefined for none.
   */
  setPage(lines: readonly string[] | undefined, cursor?: Cursor): void {
    this.#page = lines && { lines: lines.slice(0, this.size.rows), cursor };
    this.#begin();
  }

  /** Draws all anew, as after a change of the terminal's size. */
  redraw(): void {
    if (this.#shownPage !== undefined) this.#shownPage = { lines: [], cursor: undefined };
    this.#begin();
  }

  /** Gives the terminal back until {@linkcode resume}. */
  async suspend(): Promise<void> {
    if (this.#isSuspended || this.#isClosed) return;
    this.#isSuspended = true;
    await this.#settled();
    writeText(this.#stream, this.#leave());
  }

  /** Takes the terminal again, whatever stands on it by now. */
  resume(): void {
    this.#isSuspended = false;
    this.#shownFooter = NOTHING;
    this.#shownPage = undefined;
    this.#begin();
  }

  /**
   * Gives the terminal back for good; what is written from now on is written as it is.
   *
   * @param keeps Whether the bottom lines stay on the screen.
   */
  close({ keeps = false } = {}): Promise<void> {
    return this.#closing ??= this.#close(keeps);
  }

  /** Restores the terminal at once, whatever is being written: the program is about to fail. */
  abandon(): void {
    if (this.#closing !== undefined) return;
    this.#isClosed = true;
    this.#closing = Promise.resolve();
    writeText(this.#stream, this.#leave());
  }

  async #close(keeps: boolean): Promise<void> {
    this.#isClosed = true;
    await this.#settled();
    const left = this.#isSuspended ? "" : this.#leave();
    const kept = keeps ? this.#footer.lines.map((line) => `${line}\n`).join("") : "";
    if (!this.#hasFailed) writeText(this.#stream, left + kept);
    const bytes = this.#text;
    this.#text = undefined;
    // A write that waited for the end of a page.
    if (bytes !== undefined) {
      this.#stream.write(bytes).then(this.#written!.resolve, this.#written!.reject);
    }
  }

  /** Waits for the frame that is being written; a terminal that takes none holds nothing up. */
  async #settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_MS);
    await Promise.race([this.#writing, promise]);
    clearTimeout(timer);
  }

  /** Returns what restores the terminal. */
  #leave(): string {
    const page = this.#shownPage === undefined ? "" : LEAVE_PAGE;
    const text = page + this.#eraseFooter() + SHOW_CURSOR;
    this.#shownPage = undefined;
    this.#shownFooter = NOTHING;
    return text;
  }

  #begin(): void {
    if (this.#isClosed) return;
    this.#writing ??= this.#writeFrames();
  }

  async #writeFrames(): Promise<void> {
    // Changes that come together are written together.
    await Promise.resolve();
    for (;;) {
      const isOff = this.#isSuspended || this.#isClosed;
      const text = isOff || this.#page !== undefined ? undefined : this.#text;
      if (text !== undefined) this.#text = undefined;
      const frame = isOff ? NO_BYTES : this.#frame(text);
      if (frame.length === 0) break;
      const written = this.#written;
      try {
        for (let at = 0; at < frame.length;) at += await this.#stream.write(frame.subarray(at));
        if (text !== undefined) written!.resolve(text.length);
      } catch (error) {
        this.#isClosed = true;
        this.#hasFailed = true;
        // Without lines that wait, the next ones fail, too.
        if (text !== undefined) written!.reject(error);
      }
    }
    // In the same turn as the last look: a change after it begins anew.
    this.#writing = undefined;
  }

  /** Returns the bytes of what has changed; empty if nothing has. */
  #frame(text: Uint8Array | undefined): Uint8Array {
    const before = this.#page === undefined ? this.#leavePage() : "";
    const after = this.#page === undefined ? this.#drawFooter(text) : this.#drawPage(this.#page);
    if (text === undefined) {
      const frame = before + after;
      return this.#encoder.encode(frame === "" ? "" : BEGIN_FRAME + frame + END_FRAME);
    }
    const [head, tail] = [`${BEGIN_FRAME}${before}${this.#erased}`, `${after}${END_FRAME}`];
    return concat([this.#encoder.encode(head), text, this.#encoder.encode(tail)]);
  }

  /** Erases the bottom lines as they were before {@linkcode #drawFooter}. */
  #erased = "";

  #leavePage(): string {
    if (this.#shownPage === undefined) return "";
    this.#shownPage = undefined;
    // The other screen has its own cursor, which was hidden with the page.
    return LEAVE_PAGE;
  }

  #eraseFooter(): string {
    const { lines, cursor } = this.#shownFooter;
    if (lines.length === 0) return "";
    const { columns } = this.size;
    const line = cursor?.line ?? lines.length - 1;
    // A terminal that was made narrower wraps lines again.
    const rows = lines.slice(0, line).reduce((sum, text) => sum + rowsOf(text, columns), 0) +
      (line < lines.length ? rowsOf(lines[line]!, columns) - 1 : 0);
    return `\r${up(rows)}${ERASE_BELOW}`;
  }

  /** Returns what draws the bottom lines, all of them behind a text. */
  #drawFooter(text: Uint8Array | undefined): string {
    const [shown, next] = [this.#shownFooter, this.#footer];
    if (text === undefined && isSame(shown, next)) return "";
    this.#erased = this.#eraseFooter();
    this.#shownFooter = next;
    const place = placeCursor(next);
    const { columns } = this.size;
    const fits = [...shown.lines, ...next.lines].every((line) => rowsOf(line, columns) === 1);
    if (text !== undefined || shown.lines.length !== next.lines.length || !fits) {
      return (text === undefined ? this.#erased : "") + next.lines.join("\n") + place;
    }
    const first = `\r${up(shown.cursor?.line ?? shown.lines.length - 1)}`;
    return first + changedLines(shown.lines, next.lines) + place;
  }

  #drawPage(next: Shown): string {
    const shown = this.#shownPage;
    if (shown !== undefined && isSame(shown, next)) return "";
    this.#shownPage = next;
    const lines = next.lines.map((line, index) =>
      line === shown?.lines[index] ? "" : `${toLine(index)}${ERASE_LINE}${line}`
    );
    const rest = next.lines.length < this.size.rows
      ? `${toLine(next.lines.length)}${ERASE_BELOW}`
      : "";
    const { cursor } = next;
    const place = cursor === undefined
      ? HIDE_CURSOR
      : `${toLine(cursor.line)}${forward(cursor.column)}${SHOW_CURSOR}`;
    return `${shown === undefined ? ENTER_PAGE : ""}${lines.join("")}${rest}${place}`;
  }
}

/** Returns the changed lines, and ends in the last one. */
function changedLines(before: readonly string[], next: readonly string[]): string {
  return next.map((line, index) => line === before[index] ? "" : `${ERASE_LINE}${line}`).join(
    "\r\n",
  );
}

/** Returns what moves the cursor from the end of the last line to its place. */
function placeCursor({ lines, cursor }: Shown): string {
  if (cursor === undefined) return HIDE_CURSOR;
  return `\r${up(lines.length - 1 - cursor.line)}${forward(cursor.column)}${SHOW_CURSOR}`;
}

function isSame(one: Shown, other: Shown): boolean {
  return one === other ||
    one.lines.length === other.lines.length &&
      one.lines.every((line, index) => line === other.lines[index]) &&
      one.cursor?.line === other.cursor?.line && one.cursor?.column === other.cursor?.column;
}

/** Returns the rows that a line takes. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(textWidth(line.replaceAll(COLOUR, "")) / columns));
}
