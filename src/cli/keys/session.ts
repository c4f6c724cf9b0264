/** A terminal that is controlled by keys: the keyboard, the bottom lines, and pages. */

import { FootedTerminal } from "../../terminal/footed_terminal.ts";
import { Keyboard } from "../../terminal/keyboard_reader.ts";
import { Trend } from "../../terminal/trend.ts";
import { cutEnd } from "../../terminal/width.ts";
import type { Stop } from "../stop.ts";
import { bottom } from "./bottom.ts";
import { type ControlOptions, Controls } from "./controls.ts";
import { helpPage } from "./help_page.ts";

/** Interval of the trend, in milliseconds. */
const SECOND_MS = 1000;

/** Parts of a command that keys control. */
export interface SessionOptions extends ControlOptions {
  /** Aborted by `q`. */
  stop: Stop;
  /** Draws the lines above the bottom one that change in place; absent where lines scroll. */
  block?(columns: number, rows: number): readonly string[];
  /** Draws the page of top destinations. */
  top?(columns: number, rows: number, controls: Controls): readonly string[];
  /** Called with a new expression; undefined for all records. */
  onFilter?(where: string | undefined): void;
  /** Called at the end of each second, before it is drawn. */
  onSecond?(seconds: number): void;
  /** Called before the block is drawn for the last time. */
  onClose?(): void;
}

/** A terminal under control. */
export class Session implements AsyncDisposable {
  readonly terminal = new FootedTerminal(Deno.stdout);
  readonly controls: Controls;
  readonly trend = new Trend();
  /** Records that passed since the pause began, and in all pauses. */
  passed = 0;
  passedInAll = 0;
  /** Records that were received and are not looked at. */
  omitted = 0;
  readonly #options: SessionOptions;
  readonly #keyboard: Keyboard;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #onAbort = () => void this.close();
  #secondMs = performance.now();
  #closing: Promise<void> | undefined;

  /** Begins to read keys; the command has found out that there are some. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.controls = new Controls(options);
    this.#keyboard = new Keyboard({
      press: (key) => this.#press(key),
      quit: () => options.stop.now(),
      suspend: () => this.terminal.suspend(),
      resume: () => {
        this.terminal.resume();
        this.draw();
      },
      resize: () => {
        this.terminal.redraw();
        this.draw();
      },
      fail: () => this.terminal.abandon(),
    });
    this.#timer = setInterval(() => this.#second(), SECOND_MS);
    options.stop.signal.addEventListener("abort", this.#onAbort);
    this.draw();
  }

  /** Counts records that passed while paused. */
  pass(count = 1): void {
    this.passed += count;
    this.passedInAll += count;
  }

  /** Draws what has changed. */
  draw(): void {
    if (this.#closing !== undefined) return;
    const { controls, trend, passed, omitted, terminal } = this;
    const { columns, rows } = terminal.size;
    const colored = !Deno.noColor;
    const { lines, cursor } = bottom({ controls, trend, passed, omitted, columns, colored });
    const room = Math.max(0, rows - lines.length);
    const page = this.#page(columns, room);
    if (page !== undefined) {
      const filled = [
        ...page.slice(0, room),
        ...Array<string>(Math.max(0, room - page.length)).fill(""),
      ];
      const place = cursor && { line: room + cursor.line, column: cursor.column };
      return terminal.setPage([...filled, ...lines], place);
    }
    terminal.setPage(undefined);
    const block = this.#options.block?.(columns - 1, room - 1) ?? [];
    const place = cursor && { line: block.length + cursor.line, column: cursor.column };
    terminal.setFooter([...block.map((line) => cutEnd(line, columns - 1)), ...lines], place);
  }

  /** Gives the terminal back; a block stays on it. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Gives the terminal back. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #page(columns: number, rows: number): readonly string[] | undefined {
    const { page } = this.controls;
    if (page === "help") return helpPage(this.controls, columns);
    return page === "top" ? this.#options.top!(columns, rows, this.controls) : undefined;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#options.stop.signal.removeEventListener("abort", this.#onAbort);
    const { columns, rows } = this.terminal.size;
    this.#options.onClose?.();
    const block = this.#options.block?.(columns - 1, rows - 2);
    if (block !== undefined) this.terminal.setFooter(block);
    await this.terminal.close({ keeps: block !== undefined });
    this.#keyboard[Symbol.dispose]();
  }

  #press(key: string): void {
    const { controls } = this;
    switch (controls.press(key)) {
      case "quit":
        return this.#options.stop.now();
      case "filter":
        this.#options.onFilter?.(controls.where);
        break;
      case "pause":
        if (controls.isPaused) this.passed = 0;
        break;
      case "none":
        return;
    }
    this.draw();
  }

  #second(): void {
    const nowMs = performance.now();
    const seconds = (nowMs - this.#secondMs) / 1000;
    this.#secondMs = nowMs;
    this.#options.onSecond?.(seconds);
    this.trend.tick(seconds);
    this.draw();
  }
}
