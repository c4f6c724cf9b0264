/**
 * Prints records on standard output as they arrive: in columns on a terminal, as lines in
 * a pipe. A slow reader never delays the capture.
 */

import { grouped } from "../../text/figures.ts";
import { describe } from "../../packet/describe.ts";
import { Counter } from "../../counter/counter.ts";
import { describeCounter } from "../../counter/describe.ts";
import type { StructuredCounter } from "../../counter/structured.ts";
import { describeFlow } from "../../flow/describe.ts";
import { Flow } from "../../flow/flow.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { Packet } from "../../packet/packet.ts";
import { factsOf, type StructuredPacket } from "../../packet/structured.ts";
import { escaped } from "../../text/escape.ts";
import { LineQueue } from "../../terminal/line_queue.ts";
import { paintedLine } from "../../terminal/paint.ts";
import { type Size, terminalSize, type TextStream } from "../../terminal/stream.ts";
import { rowJson } from "../row_json.ts";
import type { Stop } from "../stop.ts";
import { Columns, type LineContext } from "./columns.ts";
import { CounterColumns } from "./counter_columns.ts";
import { FlowColumns } from "./flow_columns.ts";

/** Lines that may wait for a terminal, and how many it gets in a second: people read no more. */
const TERMINAL = { limit: 5000, perSecond: 20_000 };
/** Lines that may wait for a pipe's reader. */
const PIPE = { limit: 100_000, perSecond: Infinity };
/** Time that the reader gets after a signal, in milliseconds. */
const LAST_MS = 500;
/** Interval of reading the terminal's width, in milliseconds. */
const LOOK_MS = 200;

/** Options of showing packets. */
export interface LinesOptions {
  /** An object a line, for other programs. */
  json: boolean;
  /** Number of packets to show; Infinity for all. */
  count: number;
  /** Stopped at the end of the packets, and when standard output is closed. */
  stop: Stop;
  /**
   * Standard output, or what shows it on a terminal.
   *
   * @default {Deno.stdout}
   */
  stream?: TextStream | undefined;
}

/** Takes records and notes to show. */
export interface LineTaker {
  /**
   * Shows a record.
   *
   * @param record The record, or its structured form.
   * @param beside What else is known.
   */
  take(record: Shown, beside: LineContext): void;
  /** Says something between records. */
  note(text: string): void;
}

/** A record, or its structured form. */
export type Shown =
  | Packet
  | StructuredPacket
  | Flow
  | StructuredFlow
  | Counter
  | StructuredCounter;

/** Shows records. */
export class Lines implements LineTaker {
  readonly #options: LinesOptions;
  readonly #isTerminal = Deno.stdout.isTerminal();
  readonly #colored = this.#isTerminal && !Deno.noColor;
  readonly #queue: LineQueue;
  readonly #notes: LineQueue;
  readonly #columns = new Columns(this.#colored);
  readonly #flowColumns = new FlowColumns(this.#colored);
  readonly #counterColumns = new CounterColumns(this.#colored);
  #taken = 0;
  #isGone = false;
  /** Error of writing, other than that the reader has gone. */
  #failure: unknown;
  #size: Size = terminalSize();
  #sizeMs = -Infinity;

  /** Nothing is shown yet. */
  constructor(options: LinesOptions) {
    this.#options = options;
    this.#queue = new LineQueue(options.stream ?? Deno.stdout, {
      ...(this.#isTerminal ? TERMINAL : PIPE),
      onGone: (error) => this.#gone(error),
      ...this.#isTerminal && { skippedLine: (count) => this.#noteLine(notShown(count)) },
    });
    this.#notes = this.#isTerminal ? this.#queue : new LineQueue(Deno.stderr, PIPE);
  }

  /** Whether standard output was closed by its reader. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Packets that were shown, and those that were not where there are any. */
  get figures(): Record<string, number> {
    const { skipped } = this.#queue;
    return { shown: this.#shown, ...skipped > 0 && { "not shown": skipped } };
  }

  /** Packets that were shown, or are about to be. */
  get #shown(): number {
    return this.#taken - this.#queue.skipped;
  }

  /**
   * Shows a record, or counts it where too many wait.
   *
   * @param record The record, which is only decoded where it is shown, or its structured form.
   * @param beside What else is known.
   */
  take(record: Shown, beside: LineContext): void {
    this.#taken++;
    if (this.#queue.hasRoom) this.#queue.put(this.#line(record, beside));
    else this.#queue.skip();
    if (this.#shown >= this.#options.count) this.#options.stop.now();
  }

  /** Says something between packets: on the terminal, or on standard error. */
  note(text: string): void {
    this.#notes.note(this.#noteLine(text));
  }

  /**
   * Writes what waits.
   *
   * @throws What went wrong with standard output; a reader that has gone is no failure.
   */
  async close(): Promise<void> {
    const mayTake = this.#shown >= this.#options.count ? Infinity : LAST_MS;
    await this.#queue.close(mayTake);
    if (this.#notes !== this.#queue) await this.#notes.close(LAST_MS);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #line(record: Shown, beside: LineContext): string {
    if (this.#options.json) {
      const { attached, ...others } = beside;
      const form = "toJSON" in record ? record.toJSON() : record;
      return rowJson({ ...form, ...others }, attached);
    }
    const { group } = beside;
    const outputs = beside.outputs?.map(escaped);
    const error = beside.error === undefined ? undefined : escaped(beside.error);
    const context = { group, outputs, error };
    const form = formOf(record);
    if (this.#isTerminal) return this.#columnsOf(form, context);
    const words = [
      isFlow(form) ? describeFlow(form) : isCounter(form) ? describeCounter(form) : describe(form),
    ];
    if (group !== undefined) words.push(`group=${group}`);
    if (outputs !== undefined) words.push(`outputs=${outputs.join(",")}`);
    if (error !== undefined) words.push(`failed: ${error}`);
    return words.join(" ");
  }

  #columnsOf(form: Form, context: LineContext): string {
    if (isFlow(form)) return this.#flowColumns.line(form, context, this.#width);
    if (isCounter(form)) return this.#counterColumns.line(form, context, this.#width);
    return this.#columns.line(form, context, this.#width);
  }

  #noteLine(text: string): string {
    return this.#isTerminal ? paintedLine([[text, "yellow"]], this.#width, this.#colored) : text;
  }

  get #width(): number {
    const now = performance.now();
    if (now - this.#sizeMs > LOOK_MS) {
      this.#size = terminalSize();
      this.#sizeMs = now;
    }
    return this.#size.columns;
  }

  #gone(error: unknown): void {
    this.#isGone = error instanceof Deno.errors.BrokenPipe;
    if (!this.#isGone) this.#failure = error;
    this.#options.stop.now();
  }
}

/** The structured form of a record, of packets only what lines show. */
type Form = ReturnType<typeof factsOf> | StructuredPacket | StructuredFlow | StructuredCounter;

function formOf(record: Shown): Form {
  if (record instanceof Packet) return factsOf(record);
  return record instanceof Flow || record instanceof Counter ? record.toJSON() : record;
}

function isFlow(form: Form): form is StructuredFlow {
  return "type" in form && form.type === "flow";
}

function isCounter(form: Form): form is StructuredCounter {
  return "type" in form && form.type === "counter";
}

function notShown(count: number): string {
  return `… ${grouped(count)} packets not shown: more than the terminal takes`;
}
