/** Encodes strings for C functions, and lists of them for arguments and environments. */

import { addressOf } from "./address.ts";

/** Encodes a string with the NUL that ends it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** `char *const list[]`: addresses of strings, and a null pointer. */
export class StringList {
  /** Addresses. */
  readonly pointers: Uint8Array<ArrayBuffer>;
  /** Keeps the strings alive. */
  readonly #strings: Uint8Array<ArrayBuffer>[];

  /** Encodes a list. */
  constructor(strings: readonly string[]) {
    this.#strings = strings.map(cString);
    const addresses = this.#strings.map(addressOf);
    this.pointers = new Uint8Array(new BigUint64Array([...addresses, 0n]).buffer);
  }
}
