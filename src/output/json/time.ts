/** Times in UTC, as JSON and other structured forms have them. */

import { ABSENT } from "../../packet/absent.ts";
import { timeText } from "../../packet/structured.ts";
import type { Timed } from "../../record/timed.ts";
import { ascii, type LineWriter, Word } from "../../text/line.ts";

/** Up to this second the number of microseconds since the Unix epoch is exact. */
export const EXACT_MAX = 2 ** 33;

/** Writes times of RFC 3339, in UTC, with microseconds; the text is formatted once a second. */
export class UtcTime {
  readonly #before: string;
  readonly #after: string;
  /** Text behind the microseconds. */
  readonly #end: Word;
  #seconds = ABSENT;
  /** Text up to the microseconds. */
  #start = new Word("");

  /**
   * Creates a writer.
   *
   * @param before Text before each time.
   * @param after Text behind each time.
   */
  constructor(before = '"', after = '"') {
    this.#before = before;
    this.#after = after;
    this.#end = new Word(`Z${after}`);
  }

  /** Writes the kernel's timestamp of a record, else the time of receipt. */
  write(line: LineWriter, record: Timed): void {
    if (record.seconds !== ABSENT) this.writeAt(line, record.seconds, record.nanoseconds);
    else this.writeAt(line, record.receivedSeconds, record.receivedNanoseconds);
  }

  /** Writes a time since the Unix epoch. */
  writeAt(line: LineWriter, seconds: number, nanoseconds: number): void {
    const isUsual = seconds >= 0 && seconds < EXACT_MAX && nanoseconds >= 0 && nanoseconds < 1e9;
    if (!isUsual) {
      const text = timeText(seconds * 1e6 + Math.floor(nanoseconds / 1000));
      line.text(ascii(this.#before + text + this.#after));
      return;
    }
    if (seconds !== this.#seconds) {
      const text = new Date(seconds * 1000).toISOString().slice(0, -4);
      this.#start = new Word(this.#before + text);
      this.#seconds = seconds;
    }
    line.word(this.#start);
    line.padded((nanoseconds / 1000) | 0, 6);
    line.word(this.#end);
  }
}
