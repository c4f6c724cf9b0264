/** Outputs whose options are complete, kept for reloads. */

import type { Part } from "../config/config.ts";

/** Number of outputs that are kept besides those of the last configuration. */
const KEPT = 100;

/**
 * Completes the options of outputs, and keeps them by the text of the configuration: to complete
 * them once more may take rights that were dropped since.
 */
export class CompletedParts {
  readonly #complete: (part: Part) => Part;
  /** In the order of their last use. */
  readonly #parts = new Map<string, Part>();

  /** Creates an empty collection. */
  constructor(complete: (part: Part) => Part) {
    this.#complete = complete;
  }

  /** Returns the outputs of a configuration with complete options. */
  of(outputs: readonly Part[]): Part[] {
    const completed = outputs.map((part) => {
      const key = JSON.stringify(part);
      const known = this.#parts.get(key) ?? this.#complete(part);
      this.#parts.delete(key);
      this.#parts.set(key, known);
      return known;
    });
    const surplus = this.#parts.size - outputs.length - KEPT;
    for (const key of [...this.#parts.keys()].slice(0, Math.max(0, surplus))) {
      this.#parts.delete(key);
    }
    return completed;
  }
}
