/**
 * Interface names as bytes.
 *
 * @module
 */

import { InterfaceTable } from "../../packet/interface.ts";
import { nameBytes } from "../../text/utf8.ts";

/** Remembers the bytes of the names of one table after the other, each a word in visible characters. */
export class InterfaceNames {
  readonly #ofUnknown: (index: number) => string;
  #table = new InterfaceTable();
  readonly #bytes = new Map<number, Uint8Array>();

  /**
   * Makes an empty memory.
   *
   * @param ofUnknown What stands for an interface whose name nobody told.
   */
  constructor(ofUnknown: (index: number) => string) {
    this.#ofUnknown = ofUnknown;
  }

  /** The name of an interface. */
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
