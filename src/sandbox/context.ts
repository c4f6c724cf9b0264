/** Implements the context object that scripts receive beside packets. */

import type { EventFields, FilterContext } from "../filter/filter.ts";
import type { OutputEvent } from "../record/encoder.ts";
import { attached } from "./attach.ts";
import { ABSENT } from "../packet/absent.ts";
import type { RawRecord } from "../record/kind.ts";

/** Limit of lines that wait for room; further ones are dropped. */
const PENDING_MAX = 10_000;
/** Messages that a script may log in a second; further ones are counted. */
const MESSAGES_PER_SECOND = 20;
/** Least interval between reports of suppressed messages, in milliseconds. */
const REPORT_MS = 100;
/** Limits for a message, a field's name and its value, in characters. */
const TEXT_MAX = 2000;
/** Limit for the fields of a message or line. */
const FIELDS_MAX = 100;

/** Line that waits to be encoded. */
export interface PendingEvent extends OutputEvent {
  /** Index of the output. */
  output: number;
  /** Whether it was emitted during the filter's call for a packet. */
  inPacket: boolean;
}

/** Destination of a script's own lines and messages. */
export interface ContextSink {
  /** Sends a message for nfscribe's log; false if it cannot be sent. */
  log(message: string, fields: readonly (readonly [name: string, value: string])[]): boolean;
  /** Sends the number of suppressed messages; false if it cannot be sent. */
  suppressed(messages: number): boolean;
  /** Requests a slot: a line is pending and no slot is in work. */
  lines(): void;
}

// Kept, because a script may replace them later.
const { entries } = Object;
const now = performance.now.bind(performance);
const dateNow = Date.now;

/** Description of an output for {@linkcode FilterContext.emit}. */
export interface ContextOutput {
  name: string;
  /** Whether it accepts lines. */
  text: boolean;
}

/** Context object of a script, and the lines that the script has emitted. */
export class ScriptContext {
  /** Object that the script receives. */
  readonly face: FilterContext;
  /** Lines that wait for a slot. */
  pending: PendingEvent[] = [];
  /** Whether a slot is in work, which takes the pending lines. */
  busy = false;
  /** Whether the filter is being called for a packet, whose time lines then carry. */
  inPacket = false;
  /** Record of the current or last call. */
  record: RawRecord;
  readonly #outputs: readonly ContextOutput[];
  readonly #sink: ContextSink;
  #second = 0;
  #messages = 0;
  #suppressed = 0;
  #reportedMs = -Infinity;
  #lost = 0;

  /** Creates the context of one sandbox. */
  constructor(
    record: RawRecord,
    outputs: readonly ContextOutput[],
    place: { worker: number; workers: number },
    sink: ContextSink,
  ) {
    this.record = record;
    this.#outputs = outputs;
    this.#sink = sink;
    this.face = Object.freeze({
      outputs: Object.freeze(outputs.map(({ name }) => name)),
      ...place,
      log: (message: string, fields: EventFields = {}) => this.#log(message, fields),
      attach: (fields: Readonly<Record<string, unknown>>) => this.#attach(fields),
      emit: (output: string, fields: EventFields) => this.#emit(output, fields),
    });
  }

  #log(message: string, fields: EventFields): void {
    const second = Math.floor(now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#messages = 0;
    }
    if (this.#messages++ < MESSAGES_PER_SECOND) {
      if (this.#sink.log(textOf(message), pairsOf(fields))) return;
    }
    this.#suppressed++;
  }

  /** Reports the messages suppressed since the last report, at a limited rate. */
  reportSuppressed(): void {
    if (this.#suppressed === 0 || now() - this.#reportedMs < REPORT_MS) return;
    this.#reportedMs = now();
    if (this.#sink.suppressed(this.#suppressed)) this.#suppressed = 0;
  }

  #attach(fields: Readonly<Record<string, unknown>>): void {
    if (!this.inPacket) {
      throw new TypeError(
        "Cannot attach fields: the filter is not deciding about a record",
      );
    }
    this.record.extra = attached(this.record.extra, fields);
  }

  #emit(output: string, fields: EventFields): void {
    const index = this.#outputs.findIndex(({ name }) => name === output);
    if (index < 0) {
      const names = this.#outputs.map(({ name }) => `"${name}"`).join(", ");
      throw new TypeError(
        `Cannot emit to "${textOf(output)}": there is no such output, only ${names}`,
      );
    }
    if (!this.#outputs[index]!.text) {
      throw new TypeError(`Cannot emit to "${output}": it is no output of text`);
    }
    if (typeof fields !== "object" || fields === null) {
      throw new TypeError('Cannot emit: write the fields as an object, as in { EVENT: "scan" }');
    }
    if (this.pending.length >= PENDING_MAX) {
      if (this.#lost++ === 0) {
        this.#sink.log(
          "The filter emits lines faster than they are written; some are dropped",
          [],
        );
      }
      return;
    }
    const { inPacket } = this;
    this.pending.push({ output: index, inPacket, ...this.#time(), fields: pairsOf(fields) });
    if (!this.busy && this.pending.length === 1) this.#sink.lines();
  }

  #time(): { seconds: number; nanoseconds: number } {
    const { record } = this;
    if (!this.inPacket) {
      const ms = dateNow();
      return { seconds: Math.floor(ms / 1000), nanoseconds: ms % 1000 * 1e6 };
    }
    if (record.seconds !== ABSENT) {
      return { seconds: record.seconds, nanoseconds: record.nanoseconds };
    }
    return { seconds: record.receivedSeconds, nanoseconds: record.receivedNanoseconds };
  }
}

function pairsOf(fields: EventFields): (readonly [string, string])[] {
  return entries(fields).filter(([, value]) => value !== undefined).slice(0, FIELDS_MAX)
    .map(([name, value]) => [textOf(name), textOf(value)]);
}

function textOf(value: unknown): string {
  return String(value).slice(0, TEXT_MAX);
}
