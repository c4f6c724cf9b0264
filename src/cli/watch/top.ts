/** Finds the keys with the most packets, in bounded memory. Pure. */

import { KeyCounts, type Rate } from "./key_counts.ts";

/** Weight of a second in the next one: an average over five seconds. */
const KEPT = 0.8;
/** Least number of packets of a key that is kept. */
const LEAST = 0.05;
/** Keys that are kept; between two clean-ups there are at most twice as many. */
const KEYS_MAX = 1000;

/**
 * Counts packets by key, as a moving average: a key with more than a thousandth of the packets stays,
 * and no key is shown with more packets than it had.
 */
export class Top {
  readonly #counts: KeyCounts;
  /** Seconds in the sums, past ones weighted. */
  #seconds = 0;

  /**
   * Nothing counted so far.
   *
   * @param keysMax Keys that are kept.
   */
  constructor(keysMax = KEYS_MAX) {
    this.#counts = new KeyCounts(keysMax);
  }

  /** Number of keys. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts a packet of so many bytes. */
  add(key: string, bytes: number): void {
    this.#counts.add(key, bytes);
  }

  /**
   * Returns the keys with the most packets.
   *
   * @param seconds How long packets were counted since this was asked before.
   * @param most How many at the most.
   * @returns Their rates, the largest first. What is counted from now on weighs more.
   */
  rates(seconds: number, most: number): [key: string, rate: Rate][] {
    this.#seconds += seconds;
    const rates = this.#counts.top(most).map(([key, { packets, bytes }]): [string, Rate] => [
      key,
      { packets: packets / this.#seconds, bytes: bytes / this.#seconds },
    ]);
    const kept = KEPT ** seconds;
    this.#seconds *= kept;
    this.#counts.scale(kept, LEAST);
    return rates;
  }
}
