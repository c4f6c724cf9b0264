/** Counters as ulogd 2.0.8's plugins NFACCT and JSON print them, byte for byte. */

import type { RawCounter } from "../../../counter/raw_counter.ts";
import { type Encoder, NO_ROOM } from "../../../record/encoder.ts";
import { JSON_ESCAPED_MAX, UPPER_DIGITS, writeJsonText } from "../../../text/json.ts";
import { ascii, LineWriter } from "../../../text/line.ts";
import {
  COUNTER_KEYS_MAX,
  type CounterFormat,
  counterNameLength,
  writeCounterKeys,
} from "../../ulogd/counter_keys.ts";
import type { Key } from "../../ulogd/key.ts";
import { Ulogd2Head } from "../ulogd2_head.ts";
import type { Ulogd2Options } from "../ulogd2_options.ts";
import { isUtf8 } from "../ulogd2_text.ts";

const END = ascii("}\n");

/** Encodes counters as ulogd's plugin JSON prints them. */
export class Ulogd2CounterEncoder implements Encoder<RawCounter> {
  readonly #format = new MemberFormat();
  readonly #head: Ulogd2Head;
  readonly #hasTime: boolean;

  /** Creates an encoder. */
  constructor(options: Ulogd2Options) {
    this.#hasTime = options.sumTime;
    this.#head = new Ulogd2Head(options, options.sumTime);
  }

  /** Encodes a counter as one line. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const most = this.#head.longest + COUNTER_KEYS_MAX +
      JSON_ESCAPED_MAX * counterNameLength(counter);
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    this.#head.write(line, counter.receivedSeconds, counter.receivedNanoseconds);
    writeCounterKeys(this.#format, counter, this.#hasTime);
    line.text(END);
    return line.at - at;
  }
}

/** Prints keys as members of an object. */
class MemberFormat implements CounterFormat {
  readonly line = new LineWriter();

  number(key: Key, value: number): void {
    this.line.word(key.member);
    this.line.decimal(value);
  }

  digits(key: Key, digits: Uint8Array): void {
    this.line.word(key.member);
    this.line.text(digits);
  }

  /** Prints nothing, like the plugin. */
  pointer(): void {}

  /** Prints a name; like the plugin, nothing if it is not UTF-8. */
  prefix(key: Key, bytes: Uint8Array, at: number, length: number): void {
    if (!isUtf8(bytes, at, length)) return;
    this.line.word(key.member);
    writeJsonText(this.line, bytes, at, length, UPPER_DIGITS);
  }
}
