/**
 * Lists of strings, as programs are given their arguments and their environment.
 *
 * @module
 */

import { addressOf } from "./address.ts";

/** `char *const list[]`: addresses of strings, and a null. */
export class StringList {
  /** The addresses. */
  readonly pointers: Uint8Array<ArrayBuffer>;
  /** Kept alive with them. */
  readonly #strings: Uint8Array<ArrayBuffer>[];

  /** Makes one. */
  constructor(strings: readonly string[]) {
    const encoder = new TextEncoder();
    this.#strings = strings.map((text) => encoder.encode(`${text}\0`));
    const addresses = this.#strings.map(addressOf);
    this.pointers = new Uint8Array(new BigUint64Array([...addresses, 0n]).buffer);
  }
}
