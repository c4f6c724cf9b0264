/** The head of every line: time and host. */

import { ABSENT } from "../../packet/absent.ts";
import type { Timed } from "../../record/timed.ts";
import { ascii, type LineWriter } from "../../text/line.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The most bytes of a time and its zone. */
const TIME_MAX = 40;
/** The last second that `Date` can represent, since the Unix epoch. */
const LAST_SECOND = 8.64e12;

/** A record, as far as its head goes. */
interface Headed extends Timed {
  /** Name of the host that logged it; empty for this one. */
  readonly host: string;
}

/** Writes time and host; the text is formatted once a second. */
export class LineHead {
  readonly #textOf: (host: string) => string;
  /** Text of this host. */
  readonly #own: Uint8Array;
  /** Text of the host of the last record. */
  #text: Uint8Array;
  #host = "";
  readonly #precise: boolean;
  #seconds = ABSENT;
  #time: Uint8Array = ascii("");
  #zone: Uint8Array = ascii("");

  /**
   * Creates a head.
   *
   * @param timeFormat `syslog` for local time to the second, `rfc3339` for zone and microseconds.
   * @param hostname Name of this host.
   * @param textOf Returns the text behind the time, such as ` gate kernel: `, for a host's name.
   */
  constructor(
    timeFormat: "syslog" | "rfc3339",
    hostname: string,
    textOf: (host: string) => string,
  ) {
    this.#precise = timeFormat === "rfc3339";
    this.#textOf = textOf;
    this.#own = this.#text = ascii(textOf(hostname));
  }

  /** The most bytes that the head of a line of this host takes. */
  get longest(): number {
    return this.#own.length + TIME_MAX;
  }

  /** Returns the most bytes that the head of a record's line takes. */
  roomFor({ host }: Headed): number {
    if (host !== this.#host) {
      this.#host = host;
      this.#text = host === "" ? this.#own : ascii(this.#textOf(printable(host)));
    }
    return this.#text.length + TIME_MAX;
  }

  /**
   * Writes the head of the line of a record that {@linkcode roomFor} was asked about, with the
   * kernel's timestamp, else the time of receipt.
   */
  write(line: LineWriter, record: Headed): void {
    if (record.seconds !== ABSENT) {
      this.#write(line, this.#text, record.seconds, record.nanoseconds);
    } else this.#write(line, this.#text, record.receivedSeconds, record.receivedNanoseconds);
  }

  /** Writes the head of a line of this host, with this time. */
  writeAt(line: LineWriter, seconds: number, nanoseconds: number): void {
    this.#write(line, this.#own, seconds, nanoseconds);
  }

  #write(line: LineWriter, text: Uint8Array, seconds: number, nanoseconds: number): void {
    if (seconds !== this.#seconds) this.#tick(seconds);
    line.text(this.#time);
    if (this.#precise) {
      line.padded((nanoseconds / 1000) | 0, 6);
      line.text(this.#zone);
    }
    line.text(text);
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

/** Returns the name that another host gave itself; what a head cannot hold becomes `_`. */
function printable(host: string): string {
  return host.replaceAll(/[^!-~]/g, "_");
}

/** Returns a host's name up to its first dot. */
export function shortName(hostname: string): string {
  return hostname.split(".")[0]!;
}
