/** Times in local time, formatted once a second. */

import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ascii } from "../../text/line.ts";

/** The last second that `Date` can represent, since the Unix epoch. */
const LAST_SECOND = 8.64e12;

/** Text of a second, kept for the next packet. */
export class SecondText {
  readonly #format: (date: Date) => string;
  #seconds = ABSENT;
  #text = new Uint8Array(0);

  /** Creates it with the text's format. */
  constructor(format: (date: Date) => string) {
    this.#format = format;
  }

  /** Returns the text of a second since the Unix epoch. */
  at(seconds: number): Uint8Array {
    if (seconds !== this.#seconds) {
      this.#text = new Uint8Array(
        ascii(this.#format(new Date(Math.min(seconds, LAST_SECOND) * 1000))),
      );
      this.#seconds = seconds;
    }
    return this.#text;
  }
}

/** Returns whether ulogd takes the kernel's timestamp; otherwise it takes the time of receipt. */
export function isStamped({ seconds }: RawPacket): boolean {
  return seconds > 0;
}

/** Formats a number with two digits. */
export function two(value: number): string {
  return String(value).padStart(2, "0");
}
