/** Converts return values of filters to bits, one for each output. */

/** Means an invalid return value. */
export const INVALID_VERDICT = -1;

/** Returns the message about an invalid return value. */
export function invalidVerdictText(value: unknown): string {
  const what = typeof value === "object" ? "an object" : `a ${typeof value}`;
  return `The filter returned ${what}; ` +
    "return an output's name, several in a list, true, or nothing";
}

/** Reads return values of filters. */
export class Verdicts {
  readonly #bits = new Map<string, number>();
  readonly #onUnknown: (name: string) => void;
  /** Cache of the last name: filters mostly return the same few. */
  #lastName = "";
  #lastBits = 0;

  /**
   * Creates a reader.
   *
   * @param outputs Names of the outputs, in the order of their bits.
   * @param onUnknown Called with each name that no output has.
   */
  constructor(outputs: readonly string[], onUnknown: (name: string) => void) {
    outputs.forEach((name, index) => this.#bits.set(name, 1 << index));
    this.#onUnknown = onUnknown;
  }

  /**
   * Returns the outputs that a return value selects.
   *
   * @param value Return value of a filter: any value.
   * @param all Bits of the outputs that `true` stands for.
   * @returns Bit for each output; {@linkcode INVALID_VERDICT} for an invalid value, and for a list of
   * unknown names.
   */
  read(value: unknown, all: number): number {
    if (value === true) return all;
    if (typeof value === "string") return this.#bitsOf(value) || INVALID_VERDICT;
    if (value === undefined || value === null || value === false) return 0;
    if (!Array.isArray(value)) return INVALID_VERDICT;
    let bits = 0;
    for (let i = 0; i < value.length; i++) {
      if (typeof value[i] !== "string") return INVALID_VERDICT;
      bits |= this.#bitsOf(value[i]);
    }
    return value.length > 0 ? bits || INVALID_VERDICT : 0;
  }

  #bitsOf(name: string): number {
    if (name === this.#lastName) return this.#lastBits;
    const bits = this.#bits.get(name) ?? 0;
    if (bits === 0) {
      this.#onUnknown(name);
    } else {
      this.#lastName = name;
      this.#lastBits = bits;
    }
    return bits;
  }
}
