/** Counts of objects at the last reading, from which the next one's differences are made. Pure. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { ABSENT } from "../../packet/absent.ts";

/** Objects that are known at most; differences of others are unknown. */
const OBJECTS_MAX = 100_000;

/** Counts of an object when it was read last. */
interface Tallied {
  /** Number of that reading. */
  reading: number;
  /** Microseconds since the Unix epoch of that reading. */
  time: number;
  handle: number;
  packets: number;
  bytes: number;
}

/** Known counts. */
export class Tally {
  readonly #known = new Map<string, Tallied>();
  /** Number of the last reading that has ended. */
  #reading = ABSENT;
  /** Time of the last reading, if that had all objects; ABSENT if none had. */
  #wholeTime = ABSENT;

  /** Returns whether these are the counts of a reading, so that they need not be noted again. */
  isOf(reading: number): boolean {
    return reading === this.#reading;
  }

  /** Whether no object is known. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /**
   * Notes an object's counts of an earlier reading.
   *
   * @param time Time of that reading, in microseconds since the Unix epoch.
   */
  note(counter: RawCounter, time: number): void {
    this.#keep(keyOf(counter), counter, time);
  }

  /**
   * Fills in packets, bytes and interval since the last reading. Counts that are less than before, or
   * of an object that was made anew, are what was counted since then.
   *
   * @param time Time of the reading, in microseconds since the Unix epoch.
   */
  count(counter: RawCounter, time: number): void {
    const key = keyOf(counter);
    const known = this.#known.get(key);
    const { totalPackets, totalBytes } = counter;
    if (known !== undefined) {
      counter.isRestarted = known.handle !== counter.handle || totalPackets < known.packets ||
        totalBytes < known.bytes;
      counter.packetCount = totalPackets - (counter.isRestarted ? 0 : known.packets);
      counter.byteCount = totalBytes - (counter.isRestarted ? 0 : known.bytes);
      counter.interval = Math.max(0, time - known.time);
    } else if (this.#wholeTime !== ABSENT) {
      // It was not there at the last reading.
      counter.isRestarted = true;
      counter.packetCount = totalPackets;
      counter.byteCount = totalBytes;
      counter.interval = Math.max(0, time - this.#wholeTime);
    }
    this.#keep(key, counter, time);
  }

  /**
   * Ends a reading. Objects that it lacks are forgotten, unless it may have missed some: then nothing
   * tells whether an object that is unknown at the next one was made meanwhile.
   */
  end(reading: number, time: number, isWhole: boolean): void {
    this.#reading = reading;
    this.#wholeTime = isWhole ? time : ABSENT;
    if (!isWhole) return;
    for (const [key, known] of this.#known) if (known.reading !== reading) this.#known.delete(key);
  }

  #keep(key: string, counter: RawCounter, time: number): void {
    const { reading, handle, totalPackets: packets, totalBytes: bytes } = counter;
    const known = this.#known.get(key);
    if (known === undefined) {
      if (this.#known.size >= OBJECTS_MAX) return;
      this.#known.set(key, { reading, time, handle, packets, bytes });
      return;
    }
    known.reading = reading;
    known.time = time;
    known.handle = handle;
    known.packets = packets;
    known.bytes = bytes;
  }
}

/** Returns what names an object: no name has a NUL. */
function keyOf(counter: RawCounter): string {
  const { bytes, family, tableOffset, tableLength, nameOffset, nameLength } = counter;
  const name = textOf(bytes, nameOffset, nameLength);
  return tableLength === ABSENT
    ? name
    : `${family}\0${textOf(bytes, tableOffset, tableLength)}\0${name}`;
}

/** Returns bytes as text, a character each: names are short, and no decoder is as fast. */
function textOf(bytes: Uint8Array, offset: number, length: number): string {
  let text = "";
  for (let at = offset; at < offset + length; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
