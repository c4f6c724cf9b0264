/** Steps through netlink attributes in memory. Pure, and for hot paths: nothing is allocated. */

import type { Memory } from "../bytes/memory.ts";
import { wordAlign } from "../bytes/write.ts";
import { NLA_HDRLEN, NLA_TYPE_MASK } from "./attribute.ts";

const NO_HALVES = new Uint16Array(0);

/**
 * A position in a sequence of attributes (`struct nlattr`, linux/netlink.h).
 *
 * @example
 * ```ts
 * import { Memory } from "../bytes/memory.ts";
 * import { AttributeCursor } from "./attribute_cursor.ts";
 *
 * const memory = new Memory(Uint8Array.of(5, 0, 2, 0, 7, 0, 0, 0).buffer);
 * const attribute = new AttributeCursor().begin(memory, 0, 8);
 * while (attribute.next()) console.log(attribute.type, memory.bytes[attribute.value]); // 2 7
 * console.log(attribute.isDamaged); // false
 * ```
 */
export class AttributeCursor {
  /** Type without flags. */
  type = 0;
  /** Offset of the value, a multiple of 4. */
  value = 0;
  /** Length of the value in bytes. */
  length = 0;
  /** Whether an attribute did not fit, which is then the end. */
  isDamaged = false;
  #halves = NO_HALVES;
  #next = 0;
  #end = 0;

  /**
   * Begins before the first attribute.
   *
   * @param start Offset of the first attribute, a multiple of 4.
   * @param end Offset after the last attribute.
   */
  begin({ halves }: Memory, start: number, end: number): this {
    this.#halves = halves as Uint16Array<ArrayBuffer>;
    this.#next = start;
    this.#end = end;
    this.isDamaged = false;
    return this;
  }

  /** Steps to the next attribute; returns false at the end. */
  next(): boolean {
    const at = this.#next;
    const left = this.#end - at;
    if (left < NLA_HDRLEN) return false;
    const length = this.#halves[at >> 1]!;
    if (length < NLA_HDRLEN || length > left) {
      this.isDamaged = true;
      return false;
    }
    this.type = this.#halves[(at >> 1) + 1]! & NLA_TYPE_MASK;
    this.value = at + NLA_HDRLEN;
    this.length = length - NLA_HDRLEN;
    this.#next = at + wordAlign(length);
    return true;
  }
}
