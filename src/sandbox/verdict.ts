/**
 * Return values of filters, as a bit for each output.
 *
 * @module
 */

/** Stands for a return value that means nothing. */
export const NONSENSE = -1;

/** Says what is wrong with a returned value that means nothing. */
export function nonsenseText(value: unknown): string {
  const what = typeof value === "object" ? "an object" : `a ${typeof value}`;
  return `The filter returned ${what}; ` +
    "return an output's name, several in a list, true, or nothing";
}

/** Reads the values that filters return. */
export class Verdicts {
  /** A bit for each output. */
  readonly all: number;
  readonly #bits = new Map<string, number>();
  readonly #onUnknown: (name: string) => void;
  /** The value that was looked up last: filters mostly return the same few. */
  #lastName = "";
  #lastBits = 0;

  /**
   * Makes a reader.
   *
   * @param outputs Names of the outputs, in the order of their bits.
   * @param onUnknown Told each name that no output has.
   */
  constructor(outputs: readonly string[], onUnknown: (name: string) => void) {
    outputs.forEach((name, index) => this.#bits.set(name, 1 << index));
    this.all = (1 << outputs.length) - 1;
    this.#onUnknown = onUnknown;
  }

  /**
   * The outputs that a returned value names.
   *
   * @param value Whatever a filter returned.
   * @returns A bit for each output; {@linkcode NONSENSE} for anything that is
   * no verdict, and where none of the names is an output's.
   */
  read(value: unknown): number {
    if (value === true) return this.all;
    if (typeof value === "string") return this.#bitsOf(value) || NONSENSE;
    if (value === undefined || value === null || value === false) return 0;
    if (!Array.isArray(value)) return NONSENSE;
    let bits = 0;
    for (let i = 0; i < value.length; i++) {
      if (typeof value[i] !== "string") return NONSENSE;
      bits |= this.#bitsOf(value[i]);
    }
    return value.length > 0 ? bits || NONSENSE : 0;
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
