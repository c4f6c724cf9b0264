/** Encodes a counter as a syslog message: a line, JSON, or nothing. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { jsonLine } from "../../text/escape.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { nfscribeForm } from "../json/counter/forms.ts";
import { counterLine } from "../lines/counter_line.ts";
import type { LineHead } from "../lines/head.ts";
import { NOTICE } from "../lines/severity.ts";
import { type HeadOptions, messageHead, priorities, PRIORITY_MAX } from "./head.ts";
import type { MessageOptions } from "./message.ts";
import { writeNil } from "./structured_data.ts";

/** Options of the encoder. */
interface CounterMessageOptions extends MessageOptions, HeadOptions {
  /** Number of the severity; undefined for that of counters. */
  severity?: number;
}

/** Encodes messages of counters. */
export class CounterSyslogEncoder implements Encoder<RawCounter> {
  readonly #line = new LineWriter();
  readonly #head: LineHead;
  readonly #priority: Uint8Array;
  readonly #isNew: boolean;
  readonly #textOf: (counter: RawCounter) => string;

  /** Creates an encoder. */
  constructor(options: CounterMessageOptions) {
    const { message, hostname, session } = options;
    this.#isNew = options.format === "rfc5424";
    this.#priority = priorities(options)[options.severity ?? NOTICE]!;
    this.#head = messageHead(options, "counter");
    const printer = { format: "nfscribe", payload: false, hostname, session } as const;
    this.#textOf = message === "json"
      ? (counter) => jsonLine(nfscribeForm(counter, printer))
      : message === "line"
      ? counterLine
      : () => "";
  }

  /** Encodes a counter as one message. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const text = ascii(`${this.#textOf(counter)}\n`);
    if (at + PRIORITY_MAX + this.#head.roomFor(counter) + text.length > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#priority);
    this.#head.write(line, counter);
    if (this.#isNew) writeNil(line);
    line.text(text);
    return line.at - at;
  }
}
