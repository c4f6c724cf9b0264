/** Finds the keys with the most packets, in bounded memory. Pure. */

/** Weight of a second in the next one: an average over five seconds. */
const KEPT = 0.8;
/** Least number of packets of a key that is kept. */
const LEAST = 0.05;
/** Keys that are kept; between two clean-ups there are at most twice as many. */
const KEYS_MAX = 1000;

/** Packets and bytes of a key. */
export interface Rate {
  /** Packets in a second. */
  packets: number;
  /** Bytes in a second. */
  bytes: number;
}

/**
 * Counts packets by key, as a moving average. When there are twice as many keys as are
 * kept, the half with fewer packets is forgotten: a key with more than a thousandth of
 * the packets stays, and no key is shown with more packets than it had.
 */
export class Top {
  readonly #counts = new Map<string, Rate>();
  readonly #keysMax: number;
  /** Seconds in the sums, past ones weighted. */
  #seconds = 0;

  /**
   * Nothing counted so far.
   *
   * @param keysMax Keys that are kept.
   */
  constructor(keysMax = KEYS_MAX) {
    this.#keysMax = keysMax;
  }

  /** Number of keys. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts a packet of so many bytes. */
  add(key: string, bytes: number): void {
    const count = this.#counts.get(key);
    if (count !== undefined) {
      count.packets++;
      count.bytes += bytes;
      return;
    }
    if (this.#counts.size >= 2 * this.#keysMax) this.#keepLargest();
    this.#counts.set(key, { packets: 1, bytes });
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
    const rates = this.#sorted().slice(0, most).map(([key, { packets, bytes }]): [string, Rate] => [
      key,
      { packets: packets / this.#seconds, bytes: bytes / this.#seconds },
    ]);
    this.#fade(KEPT ** seconds);
    return rates;
  }

  #fade(kept: number): void {
    this.#seconds *= kept;
    for (const [key, count] of this.#counts) {
      count.packets *= kept;
      count.bytes *= kept;
      if (count.packets < LEAST) this.#counts.delete(key);
    }
  }

  #keepLargest(): void {
    const counts = this.#counts;
    const least = Float64Array.from(counts.values(), ({ packets }) => packets)
      .sort()[counts.size - this.#keysMax]!;
    const forget = (isSmall: (packets: number) => boolean) => {
      for (const [key, { packets }] of counts) {
        if (counts.size > this.#keysMax && isSmall(packets)) counts.delete(key);
      }
    };
    forget((packets) => packets < least);
    // Of keys with equal counts, the oldest are removed.
    forget((packets) => packets === least);
  }

  /** Sorts by packets and then by the alphabet, so that rows keep their places. */
  #sorted(): [string, Rate][] {
    return [...this.#counts].sort(([a, { packets: first }], [b, { packets: second }]) =>
      second - first || (a < b ? -1 : 1)
    );
  }
}
