/**
 * Interface names as bytes.
 *
 * @module
 */

import { InterfaceTable } from "../../packet/interface.ts";
import { nameBytes } from "../../text/utf8.ts";

/**
 * Caches the encoded names of the current table's interfaces, each a word of visible characters.
 */
export class InterfaceNames {
  readonly #ofUnknown: (index: number) => string;
  #table = new InterfaceTable();
  readonly #bytes = new Map<number, Uint8Array>();

  /**
   * Creates an empty cache.
   *
   * @param ofUnknown Returns the name of an interface whose name is unknown.
   */
  constructor(ofUnknown: (index: number) => string) {
    this.#ofUnknown = ofUnknown;
  }

  /** Returns the name of an interface. */
  get(table: InterfaceTable, index: number): Uint8Array {
    if (table !== this.#table) {
      this.#table = table;
      this.#bytes.clear();
    }
    const known = this.#bytes.get(index);
    if (known !== undefined) return known;
    const bytes = nameBytes(table.get(index).name ?? this.#ofUnknown(index));
    this.#bytes.set(index, bytes);
    return bytes;
  }
}
