/**
 * Encodes counters whose text is made as a whole: there are few of them, a record an object and
 * interval, so that what is simple is fast enough.
 */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { type Encoder, LEFT_OUT, NO_ROOM } from "../../record/encoder.ts";
import { ascii } from "../../text/line.ts";

/** Encodes counters as text. */
export class CounterTextEncoder implements Encoder<RawCounter> {
  readonly #textOf: (counter: RawCounter) => string;

  /** Creates it with the form of a record; it is empty for one that is left out. */
  constructor(textOf: (counter: RawCounter) => string) {
    this.#textOf = textOf;
  }

  /** Encodes a counter. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const bytes = ascii(this.#textOf(counter));
    if (bytes.length === 0) return LEFT_OUT;
    if (at + bytes.length > out.length) return NO_ROOM;
    out.set(bytes, at);
    return bytes.length;
  }
}
