/** Counts of objects at the last reading, from which the next one's differences are made. Pure. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { countOfWords, isLess } from "../../counter/words.ts";
import { ABSENT } from "../../packet/absent.ts";

/** Objects that are known at most; what others count stays unknown. */
export const OBJECTS_MAX = 100_000;

/** Counts of an object when it was read last. */
interface Tallied {
  /** Number of that reading. */
  reading: number;
  /** Microseconds since the Unix epoch of that reading. */
  time: number;
  handle: number;
  /** Words of both counts: a difference of counts above 2^53 is exact, too. */
  packetsHigh: number;
  packetsLow: number;
  bytesHigh: number;
  bytesLow: number;
}

/** Known counts. */
export class Tally {
  readonly #known = new Map<string, Tallied>();
  readonly #most: number;
  /** Number of the last reading that has ended. */
  #reading = ABSENT;
  /**
   * Time of the last reading since which each object that was read is known, so that another one was
   * made after it; ABSENT if there is none.
   */
  #wholeTime = ABSENT;
  /** Whether an object of this reading found no room. */
  #isOverfull = false;

  /**
   * Creates an empty tally.
   *
   * @param most Objects that are known at most.
   */
  constructor(most = OBJECTS_MAX) {
    this.#most = most;
  }

  /** Returns whether these are the counts of a reading, so that they need not be noted again. */
  isOf(reading: number): boolean {
    return reading === this.#reading;
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
    if (known !== undefined) difference(counter, known, time);
    if (!this.#keep(key, counter, time)) return;
    if (known === undefined && this.#wholeTime !== ABSENT) {
      counter.isRestarted = true;
      whole(counter, time - this.#wholeTime);
    }
  }

  /**
   * Fills in packets, bytes and interval of an object that this reading has set to 0: its counts are
   * those since the last reading, but for what a reading before counted without a reset.
   *
   * @param time Time of the reading, in microseconds since the Unix epoch.
   */
  take(counter: RawCounter, time: number): void {
    const key = keyOf(counter);
    const known = this.#known.get(key);
    if (known !== undefined) {
      difference(counter, known, time);
      this.#known.delete(key);
    } else if (this.#wholeTime !== ABSENT) whole(counter, time - this.#wholeTime);
    // Without a reading before, these are all counts that there are.
    else if (this.#reading === ABSENT) whole(counter, ABSENT);
  }

  /**
   * Ends a reading. Objects that it lacks are forgotten, unless it may have missed some. An object of
   * which it found no room must not look new at the next one.
   */
  end(reading: number, time: number, isWhole: boolean): void {
    this.#reading = reading;
    if (this.#isOverfull) this.#wholeTime = ABSENT;
    else if (isWhole) this.#wholeTime = time;
    this.#isOverfull = false;
    if (!isWhole) return;
    for (const [key, known] of this.#known) if (known.reading !== reading) this.#known.delete(key);
  }

  /** Ends a reading that set its objects to 0: only those that it missed have older counts still. */
  endReset(reading: number, time: number, isWhole: boolean): void {
    this.#reading = reading;
    this.#wholeTime = time;
    if (isWhole) this.#known.clear();
  }

  /** Keeps an object's counts; returns false if there is no room. */
  #keep(key: string, counter: RawCounter, time: number): boolean {
    const { reading, handle, packetsHigh, packetsLow, bytesHigh, bytesLow } = counter;
    const known = this.#known.get(key);
    if (known === undefined) {
      if (this.#known.size >= this.#most) {
        this.#isOverfull = true;
        return false;
      }
      const words = { packetsHigh, packetsLow, bytesHigh, bytesLow };
      this.#known.set(key, { reading, time, handle, ...words });
      return true;
    }
    known.reading = reading;
    known.time = time;
    known.handle = handle;
    known.packetsHigh = packetsHigh;
    known.packetsLow = packetsLow;
    known.bytesHigh = bytesHigh;
    known.bytesLow = bytesLow;
    return true;
  }
}

/** Fills in what an object counted since it was read last. */
function difference(counter: RawCounter, known: Tallied, time: number): void {
  const packetsHigh = counter.packetsHigh - known.packetsHigh;
  const packetsLow = counter.packetsLow - known.packetsLow;
  const bytesHigh = counter.bytesHigh - known.bytesHigh;
  const bytesLow = counter.bytesLow - known.bytesLow;
  counter.isRestarted = known.handle !== counter.handle || isLess(packetsHigh, packetsLow) ||
    isLess(bytesHigh, bytesLow);
  if (counter.isRestarted) return whole(counter, time - known.time);
  counter.packetCount = countOfWords(packetsHigh, packetsLow);
  counter.byteCount = countOfWords(bytesHigh, bytesLow);
  counter.interval = Math.max(0, time - known.time);
}

/** Fills in all counts as those of an interval, or of an unknown time if that is ABSENT. */
function whole(counter: RawCounter, interval: number): void {
  counter.packetCount = counter.totalPackets;
  counter.byteCount = counter.totalBytes;
  counter.interval = interval === ABSENT ? ABSENT : Math.max(0, interval);
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
