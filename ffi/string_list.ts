/**
 * Encodes lists of strings, for arguments and environments.
 *
 * @module
 */

import { addressOf } from "./address.ts";

/** `char *const list[]`: addresses of strings, and a null pointer. */
export class StringList {
  /** Addresses. */
  readonly pointers: Uint8Array<ArrayBuffer>;
  /** Keeps the strings alive. */
  readonly #strings: Uint8Array<ArrayBuffer>[];

  /** Encodes a list. */
  constructor(strings: readonly string[]) {
    const encoder = new TextEncoder();
    this.#strings = strings.map((text) => encoder.encode(`${text}\0`));
    const addresses = this.#strings.map(addressOf);
    this.pointers = new Uint8Array(new BigUint64Array([...addresses, 0n]).buffer);
  }
}
