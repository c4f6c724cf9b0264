/**
 * Interface names as bytes.
 *
 * @module
 */

import { InterfaceTable } from "../packet/interface.ts";
import { nameBytes } from "../text/utf8.ts";

/** Caches the encoded names of the current table's interfaces. */
export class InterfaceNames {
  readonly #ofUnknown: (index: number) => string;
  readonly #encode: (name: string) => Uint8Array;
  #table = new InterfaceTable();
  readonly #bytes = new Map<number, Uint8Array>();

  /**
   * Creates an empty cache.
   *
   * @param ofUnknown Returns the name of an interface whose name is unknown.
   * @param encode Encodes a name; by default as a word of visible characters.
   */
  constructor(
    ofUnknown: (index: number) => string,
    encode: (name: string) => Uint8Array = nameBytes,
  ) {
    this.#ofUnknown = ofUnknown;
    this.#encode = encode;
  }

  /** Returns the name of an interface. */
  get(table: InterfaceTable, index: number): Uint8Array {
    if (table !== this.#table) {
      this.#table = table;
      this.#bytes.clear();
    }
    const known = this.#bytes.get(index);
    if (known !== undefined) return known;
    const bytes = this.#encode(table.get(index).name ?? this.#ofUnknown(index));
    this.#bytes.set(index, bytes);
    return bytes;
  }
}
