/** Encodes counters as ulogd's plugin GPRINT prints them. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { ESCAPED_MAX } from "../../text/utf8.ts";
import { AssignmentFormat } from "../ulogd/assignments.ts";
import { COUNTER_KEYS_MAX, counterNameLength, writeCounterKeys } from "../ulogd/counter_keys.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { timeText } from "./time.ts";

const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** Encodes lines of counters. */
export class CounterGprintEncoder implements Encoder<RawCounter> {
  readonly #format = new AssignmentFormat({ end: COMMA, isReversed: false, hasPointers: false });
  readonly #time = new SecondText(timeText);
  readonly #hasTime: boolean;
  readonly #hasSumTime: boolean;

  /** Creates an encoder. */
  constructor({ timestamp, sumTime }: { timestamp: boolean; sumTime: boolean }) {
    this.#hasTime = timestamp;
    this.#hasSumTime = sumTime;
  }

  /** Encodes a counter as one line. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const most = COUNTER_KEYS_MAX + ESCAPED_MAX * counterNameLength(counter);
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    // ulogd takes the time at which it prints.
    if (this.#hasTime) line.text(this.#time.at(counter.receivedSeconds));
    writeCounterKeys(this.#format, counter, this.#hasSumTime);
    out[line.at - 1] = NEWLINE;
    return line.at - at;
  }
}
