/** Chunks whose records an output does not have durably yet, in their order. */

/** Marks of chunks. */
export class Marks {
  readonly #marks: { number: number; place: number }[] = [];
  #isFrozen = false;

  /** Adds a chunk, which is durable once the output has passed a place. */
  add(number: number, place: number): void {
    this.#marks.push({ number, place });
  }

  /** Has chunks behind a place stay as they are: their records are dropped, since nfscribe stops. */
  freeze(passed: number): void {
    this.firstWaiting(passed);
    this.#isFrozen = true;
  }

  /**
   * Removes chunks that are durable.
   *
   * @param passed Place that the output has passed.
   * @returns Number of the first chunk that is not; Infinity for none.
   */
  firstWaiting(passed: number): number {
    while (!this.#isFrozen && this.#marks.length > 0 && this.#marks[0]!.place <= passed) {
      this.#marks.shift();
    }
    return this.#marks[0]?.number ?? Infinity;
  }
}
