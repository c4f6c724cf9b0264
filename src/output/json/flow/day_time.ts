/** Times of flows as JSON: the starts of flows that end together are spread over hours. */

import { ABSENT } from "../../../packet/absent.ts";
import { timeText } from "../../../packet/structured.ts";
import type { Timed } from "../../../record/timed.ts";
import { ascii, type LineWriter, Word } from "../../../text/line.ts";
import { EXACT_MAX } from "../time.ts";

const DAY = 86_400;
const COLON = 0x3a;
const DOT = 0x2e;

/** Writes times of RFC 3339, in UTC, with microseconds; the date is formatted once a day. */
export class DayTime {
  readonly #quote: string;
  readonly #end: Word;
  #day = -1;
  #date = new Word("");

  /**
   * Creates a writer.
   *
   * @param quote Text before and behind each time.
   */
  constructor(quote = '"') {
    this.#quote = quote;
    this.#end = new Word(`Z${quote}`);
  }

  /** Writes the kernel's timestamp of a record, else the time of receipt. */
  write(line: LineWriter, record: Timed): void {
    if (record.seconds !== ABSENT) this.writeAt(line, record.seconds, record.nanoseconds);
    else this.writeAt(line, record.receivedSeconds, record.receivedNanoseconds);
  }

  /** Writes a time since the Unix epoch. */
  writeAt(line: LineWriter, seconds: number, nanoseconds: number): void {
    if (seconds >= EXACT_MAX) {
      const text = timeText(seconds * 1e6 + Math.floor(nanoseconds / 1000));
      line.text(ascii(this.#quote + text + this.#quote));
      return;
    }
    const day = Math.floor(seconds / DAY);
    if (day !== this.#day) {
      this.#date = new Word(this.#quote + new Date(day * DAY * 1000).toISOString().slice(0, 11));
      this.#day = day;
    }
    const ofDay = seconds - day * DAY;
    const minutes = ofDay / 60 | 0;
    const hours = minutes / 60 | 0;
    line.word(this.#date);
    line.padded(hours, 2);
    line.out[line.at++] = COLON;
    line.padded(minutes - hours * 60, 2);
    line.out[line.at++] = COLON;
    line.padded(ofDay - minutes * 60, 2);
    line.out[line.at++] = DOT;
    line.padded((nanoseconds / 1000) | 0, 6);
    line.word(this.#end);
  }
}
