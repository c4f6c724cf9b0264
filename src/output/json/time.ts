/** Times as JSON. */

import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { timeText } from "../../packet/structured.ts";
import { ascii, type LineWriter, Word } from "../../text/line.ts";

/** Up to this second the number of microseconds since the Unix epoch is exact. */
const EXACT_MAX = 2 ** 33;
const END = new Word('Z"');

/** Writes times of RFC 3339, in UTC, with microseconds; the text is formatted once a second. */
export class JsonTime {
  #seconds = ABSENT;
  #text = new Word("");

  /** Writes the kernel's timestamp of a packet, else the time of receipt. */
  write(line: LineWriter, packet: RawPacket): void {
    if (packet.seconds !== ABSENT) this.writeAt(line, packet.seconds, packet.nanoseconds);
    else this.writeAt(line, packet.receivedSeconds, packet.receivedNanoseconds);
  }

  /** Writes a time since the Unix epoch. */
  writeAt(line: LineWriter, seconds: number, nanoseconds: number): void {
    const isUsual = seconds >= 0 && seconds < EXACT_MAX && nanoseconds >= 0 && nanoseconds < 1e9;
    if (!isUsual) {
      line.text(ascii(`"${timeText(seconds * 1e6 + Math.floor(nanoseconds / 1000))}"`));
      return;
    }
    if (seconds !== this.#seconds) {
      this.#text = new Word(`"${new Date(seconds * 1000).toISOString().slice(0, -4)}`);
      this.#seconds = seconds;
    }
    line.word(this.#text);
    line.padded((nanoseconds / 1000) | 0, 6);
    line.word(END);
  }
}
