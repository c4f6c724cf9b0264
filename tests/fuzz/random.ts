/**
 * Random numbers reproducible by a seed.
 *
 * @module
 */

/** mulberry32: 32 bits of state, fast, and good enough for fuzzing. */
export class Random {
  #state: number;

  /** Starts with a seed of 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns 32 random bits. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return (mixed ^ mixed >>> 14) >>> 0;
  }

  /** Returns an integer from 0 to below `limit`, which is at least 1. */
  below(limit: number): number {
    return this.bits() % limit;
  }

  /** Returns one element of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Returns so many random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array((length + 3) >> 2);
    for (let i = 0; i < words.length; i++) words[i] = this.bits();
    return new Uint8Array(words.buffer, 0, length);
  }
}
