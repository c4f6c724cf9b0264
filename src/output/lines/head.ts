/** The head of every line: time and host. */

import { ABSENT } from "../../packet/absent.ts";
import type { Timed } from "../../record/timed.ts";
import { ascii, type LineWriter } from "../../text/line.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The last second that `Date` can represent, since the Unix epoch. */
const LAST_SECOND = 8.64e12;

/** Writes time and host; the text is formatted once a second. */
export class LineHead {
  readonly #text: Uint8Array;
  readonly #precise: boolean;
  #seconds = ABSENT;
  #time: Uint8Array = ascii("");
  #zone: Uint8Array = ascii("");

  /**
   * Creates a head.
   *
   * @param timeFormat `syslog` for local time to the second, `rfc3339` for zone and microseconds.
   * @param text Text behind the time, such as ` gate kernel: `.
   */
  constructor(timeFormat: "syslog" | "rfc3339", text: string) {
    this.#precise = timeFormat === "rfc3339";
    this.#text = ascii(text);
  }

  /** The most bytes that a head takes. */
  get longest(): number {
    return this.#text.length + 40;
  }

  /** Writes the head of a record's line, with the kernel's timestamp, else the time of receipt. */
  write(line: LineWriter, record: Timed): void {
    if (record.seconds !== ABSENT) this.writeAt(line, record.seconds, record.nanoseconds);
    else this.writeAt(line, record.receivedSeconds, record.receivedNanoseconds);
  }

  /** Writes the head of a line with this time. */
  writeAt(line: LineWriter, seconds: number, nanoseconds: number): void {
    if (seconds !== this.#seconds) this.#tick(seconds);
    line.text(this.#time);
    if (this.#precise) {
      line.padded((nanoseconds / 1000) | 0, 6);
      line.text(this.#zone);
    }
    line.text(this.#text);
  }

  #tick(seconds: number): void {
    const date = new Date(Math.min(seconds, LAST_SECOND) * 1000);
    const two = (value: number) => String(value).padStart(2, "0");
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    if (this.#precise) {
      const year = String(date.getFullYear()).padStart(4, "0");
      const offset = -date.getTimezoneOffset();
      const sign = offset < 0 ? "-" : "+";
      const minutes = Math.abs(offset);
      this.#time = ascii(`${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${clock}.`);
      this.#zone = ascii(`${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`);
    } else {
      // asctime: the day of the month padded with a space
      const day = String(date.getDate()).padStart(2, " ");
      this.#time = ascii(`${MONTHS[date.getMonth()]} ${day} ${clock}`);
    }
    this.#seconds = seconds;
  }
}

/** Returns a host's name up to its first dot. */
export function shortName(hostname: string): string {
  return hostname.split(".")[0]!;
}
