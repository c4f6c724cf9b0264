/** Interface names as bytes. */

import { type Interface, InterfaceTable } from "../packet/interface.ts";

/** The most names that are cached: a file may name any number of interfaces. */
const NAMES_MAX = 1000;

/** Caches the encoded names of the current table's interfaces. */
export class InterfaceNames<Encoded> {
  readonly #encode: (device: Interface) => Encoded;
  #table = new InterfaceTable();
  readonly #encoded = new Map<number, Encoded>();

  /**
   * Creates an empty cache.
   *
   * @param encode Encodes the name of an interface, which may have none.
   */
  constructor(encode: (device: Interface) => Encoded) {
    this.#encode = encode;
  }

  /** Returns the name of an interface. */
  get(table: InterfaceTable, index: number): Encoded {
    if (table !== this.#table) {
      this.#table = table;
      this.#encoded.clear();
    }
    const known = this.#encoded.get(index);
    if (known !== undefined) return known;
    if (this.#encoded.size >= NAMES_MAX) this.#encoded.clear();
    const encoded = this.#encode(table.get(index));
    this.#encoded.set(index, encoded);
    return encoded;
  }
}
