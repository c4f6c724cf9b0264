/** Encodes counters as ulogd's plugin OPRINT prints them. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { ascii } from "../../text/line.ts";
import { ESCAPED_MAX } from "../../text/utf8.ts";
import { AssignmentFormat } from "../ulogd/assignments.ts";
import { COUNTER_KEYS_MAX, counterNameLength, writeCounterKeys } from "../ulogd/counter_keys.ts";
import { BOUNDARY } from "./boundary.ts";

const NEWLINE = 0x0a;
const FIRST_LINE = ascii(BOUNDARY);

/** Encodes counters, a line for each key. */
export class CounterOprintEncoder implements Encoder<RawCounter> {
  readonly #format = new AssignmentFormat({ end: NEWLINE, isReversed: true, hasPointers: true });
  readonly #hasTime: boolean;

  /** Creates an encoder. */
  constructor({ sumTime }: { sumTime: boolean }) {
    this.#hasTime = sumTime;
  }

  /** Encodes a counter as several lines, the first of which is always the same. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const most = COUNTER_KEYS_MAX + ESCAPED_MAX * counterNameLength(counter);
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    line.text(FIRST_LINE);
    writeCounterKeys(this.#format, counter, this.#hasTime);
    return line.at - at;
  }
}
