/** The course of a rate as a line of bars. Pure. */

/** Bars of an eighth to a whole line. */
const BARS = "▁▂▃▄▅▆▇█";

/** Rates of the last seconds. */
export class Trend {
  readonly #seconds: number;
  #rates: number[] = [];
  #count = 0;

  /**
   * Nothing has been counted.
   *
   * @param seconds Seconds that are kept.
   */
  constructor(seconds = 300) {
    this.#seconds = seconds;
  }

  /** Rate of the last second; 0 before its end. */
  get last(): number {
    return this.#rates.at(-1) ?? 0;
  }

  /** Counts. */
  add(count: number): void {
    this.#count += count;
  }

  /**
   * Ends a second.
   *
   * @param seconds How long it was.
   */
  tick(seconds: number): void {
    this.#rates.push(seconds > 0 ? this.#count / seconds : 0);
    this.#count = 0;
    if (this.#rates.length > this.#seconds) this.#rates.shift();
  }

  /**
   * Returns the last seconds, a character each: the highest bar is the highest rate among them, a
   * second without any is blank.
   *
   * @param width Characters.
   */
  bars(width: number): string {
    const shown = width <= 0 ? [] : this.#rates.slice(-width);
    const most = Math.max(...shown, 0);
    const bars = shown.map((rate) => {
      if (rate === 0) return " ";
      return BARS[Math.min(BARS.length - 1, Math.ceil(rate / most * BARS.length) - 1)]!;
    });
    return bars.join("").padStart(width);
  }
}
