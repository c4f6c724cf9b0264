/** Beginning of lines as ulogd's plugin JSON prints them: version, local time and device. */

import { ascii, type LineWriter } from "../../text/line.ts";
import { SecondText, two } from "../ulogd/second_text.ts";
import type { Ulogd2Options } from "./ulogd2_options.ts";
import { quotedText } from "./ulogd2_text.ts";

const DOT = 0x2e;
/** The most bytes of a timestamp with its zone. */
const TIME_MAX = 40;

/** Writes the beginning of lines, up to the keys. */
export class Ulogd2Head {
  /** The most bytes that it takes. */
  readonly longest: number;
  readonly #time = new SecondText(timeText);
  readonly #zone = new SecondText(zoneText);
  readonly #hasTime: boolean;
  readonly #isPrecise: boolean;
  /** The line up to the time. */
  readonly #start: Uint8Array;
  /** The line between the time and the keys. */
  readonly #device: Uint8Array;

  /**
   * Creates a head.
   *
   * @param isPrecise Whether the time has microseconds.
   */
  constructor(
    { timestamp, eventv1, device }: Pick<Ulogd2Options, "timestamp" | "eventv1" | "device">,
    isPrecise: boolean,
  ) {
    const version = eventv1 ? '"@version": 1, ' : "";
    const time = timestamp ? `"${eventv1 ? "@" : ""}timestamp": "` : "";
    this.#start = ascii(`{${version}${time}`);
    this.#device = ascii(`${timestamp ? '", ' : ""}"dvc": ${quotedText(device)}`);
    this.#hasTime = timestamp;
    this.#isPrecise = isPrecise;
    this.longest = this.#start.length + TIME_MAX + this.#device.length;
  }

  /** Writes it with a time since the Unix epoch. */
  write(line: LineWriter, seconds: number, nanoseconds: number): void {
    line.text(this.#start);
    if (this.#hasTime) {
      line.text(this.#time.at(seconds));
      if (this.#isPrecise) {
        line.out[line.at++] = DOT;
        line.padded((nanoseconds / 1000) | 0, 6);
      }
      line.text(this.#zone.at(seconds));
    }
    line.text(this.#device);
  }
}

/** Formats local time to the second. */
function timeText(date: Date): string {
  const year = String(date.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Formats the zone as `+0200`; like ulogd, as nothing where it is that of UTC. */
function zoneText(date: Date): string {
  const offset = -date.getTimezoneOffset();
  if (offset === 0) return "";
  const minutes = Math.abs(offset);
  const sign = offset < 0 ? "-" : "+";
  return `${sign}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
