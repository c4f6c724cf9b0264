/** Packets and bytes by key, in bounded memory. Pure. */

/** Packets and bytes of a key. */
export interface Rate {
  /** Packets, or packets in a second. */
  packets: number;
  /** Bytes, or bytes in a second. */
  bytes: number;
}

/**
 * Counts packets by key. When there are twice as many keys as are kept, the half with fewer packets is
 * forgotten: a key with many packets stays, and no key has more packets than there were.
 */
export class KeyCounts {
  readonly #counts = new Map<string, Rate>();
  readonly #keysMax: number;

  /**
   * Nothing is counted so far.
   *
   * @param keysMax Keys that are kept.
   */
  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  /** Number of keys. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts packets of so many bytes together. */
  add(key: string, bytes: number, packets = 1): void {
    const count = this.#counts.get(key);
    if (count !== undefined) {
      count.packets += packets;
      count.bytes += bytes;
      return;
    }
    if (this.#counts.size >= 2 * this.#keysMax) this.#keepLargest();
    this.#counts.set(key, { packets, bytes });
  }

  /** Returns the counts of a key; undefined if it has none, or they were forgotten. */
  get(key: string): Readonly<Rate> | undefined {
    return this.#counts.get(key);
  }

  /** Lists all keys. */
  [Symbol.iterator](): Iterator<[key: string, count: Readonly<Rate>]> {
    return this.#counts.entries();
  }

  /**
   * Multiplies all counts.
   *
   * @param factor Factor.
   * @param least Number of packets below which a key is forgotten.
   */
  scale(factor: number, least: number): void {
    for (const [key, count] of this.#counts) {
      count.packets *= factor;
      count.bytes *= factor;
      if (count.packets < least) this.#counts.delete(key);
    }
  }

  /** Returns the keys with the most packets, then in the alphabet's order, so that rows keep their places. */
  top(most: number): [key: string, count: Readonly<Rate>][] {
    return [...this.#counts].sort(([a, { packets: first }], [b, { packets: second }]) =>
      second - first || (a < b ? -1 : 1)
    ).slice(0, most);
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
}
