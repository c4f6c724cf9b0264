/** Encodes records as lines of JSON. */

import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { jsonLine } from "../../text/escape.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { ObjectPrinter, USUAL_MAX } from "./object_printer.ts";
import type { Captured, LinePrinter } from "./printer.ts";

const NEWLINE = 0x0a;

/** Encodes lines of one format. */
export class LineEncoder<Raw extends Captured> implements Encoder<Raw> {
  readonly #line = new LineWriter();
  readonly #objects: ObjectPrinter<Raw>;
  /** Encodes a line that a filter script made; absent where the format has none. */
  readonly encodeEvent?: (event: OutputEvent, out: Uint8Array, at: number) => number;

  /** Creates an encoder of a format. */
  constructor(printer: LinePrinter<Raw>) {
    this.#objects = new ObjectPrinter(printer);
    if (printer.event === undefined) return;
    this.encodeEvent = (event, out, at) => {
      const text = ascii(`${jsonLine(printer.event!(event))}\n`);
      if (at + text.length > out.length) return NO_ROOM;
      out.set(text, at);
      return text.length;
    };
  }

  /** Encodes a record as one line; a record for which the format has no line is unfit. */
  encode(record: Raw, out: Uint8Array, at: number): number {
    if (at + USUAL_MAX > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    if (!this.#objects.print(line, record)) return UNFIT;
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }
}
