/** Look-up of addresses in networks of one IP version. */

/** A network: the words of its first address, and its prefix length in bits. */
export interface Network {
  /** 32-bit words, one for IPv4 or four for IPv6; bits after the prefix are 0. */
  readonly words: Uint32Array;
  /** Prefix length in bits. */
  readonly prefix: number;
}

/**
 * Networks sorted by address, none within another: two networks either contain one another or are
 * disjoint. So a binary search finds the only one that can contain an address.
 */
export class Networks {
  readonly #width: number;
  readonly #words: Uint32Array;
  readonly #prefixes: Uint8Array;

  /**
   * Sorts networks.
   *
   * @param width Words of an address: 1 for IPv4, 4 for IPv6.
   * @param networks Networks in any order.
   */
  constructor(width: 1 | 4, networks: readonly Network[]) {
    this.#width = width;
    const sorted = [...networks].sort((a, b) => compare(a, b));
    const kept: Network[] = [];
    for (const network of sorted) {
      const last = kept.at(-1);
      if (last === undefined || !covers(last, network)) kept.push(network);
    }
    this.#words = new Uint32Array(kept.length * width);
    this.#prefixes = new Uint8Array(kept.length);
    kept.forEach(({ words, prefix }, index) => {
      this.#words.set(words, index * width);
      this.#prefixes[index] = prefix;
    });
  }

  /**
   * Returns whether an address lies in one of the networks. Allocates nothing.
   *
   * @param a Its first 32 bits.
   * @param b Its further bits; 0 for IPv4.
   */
  has(a: number, b: number, c: number, d: number): boolean {
    let low = 0;
    let high = this.#prefixes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isAfter(middle, a, b, c, d)) high = middle;
      else low = middle + 1;
    }
    return low > 0 && this.#holds(low - 1, a, b, c, d);
  }

  #isAfter(index: number, a: number, b: number, c: number, d: number): boolean {
    const words = this.#words;
    const at = index * this.#width;
    if (words[at] !== a || this.#width === 1) return words[at]! > a;
    if (words[at + 1] !== b) return words[at + 1]! > b;
    if (words[at + 2] !== c) return words[at + 2]! > c;
    return words[at + 3]! > d;
  }

  #holds(index: number, a: number, b: number, c: number, d: number): boolean {
    const words = this.#words;
    const at = index * this.#width;
    const prefix = this.#prefixes[index]!;
    if (differ(words[at]!, a, prefix)) return false;
    return this.#width === 1 ||
      !(differ(words[at + 1]!, b, prefix - 32) || differ(words[at + 2]!, c, prefix - 64) ||
        differ(words[at + 3]!, d, prefix - 96));
  }
}

/** Returns whether two words differ in their first `bits` bits. */
export function differ(one: number, other: number, bits: number): boolean {
  if (bits <= 0) return false;
  return ((one ^ other) >>> (bits >= 32 ? 0 : 32 - bits)) !== 0;
}

function covers(wide: Network, narrow: Network): boolean {
  return wide.prefix <= narrow.prefix &&
    wide.words.every((word, n) => !differ(word, narrow.words[n]!, wide.prefix - n * 32));
}

/** Compares by address; the wider network comes first. */
function compare(a: Network, b: Network): number {
  for (const [n, word] of a.words.entries()) {
    if (word !== b.words[n]) return word - b.words[n]!;
  }
  return a.prefix - b.prefix;
}
