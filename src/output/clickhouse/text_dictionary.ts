/**
 * Texts of a column that repeat: each stands once in a block, and rows have its number (type
 * `LowCardinality` of ClickHouse, `SerializationLowCardinality.cpp`).
 */

import type { RowCursor } from "../table/row_cursor.ts";

/** `SharedDictionariesWithAdditionalKeys`: the version of its form. */
const VERSION = 1;
/** Indexes of type `TUInt16`, with `HasAdditionalKeysBit` and `NeedUpdateDictionary`. */
const INDEX_TYPE = 0x601;
/** Texts before those of rows: one for null, and the type's default. */
const RESERVED = 2;
/** Bytes of a number. */
const NUMBER = 8;

/** Numbers of texts. A block has fewer rows than there are numbers of 16 bits: a batch is small. */
export class TextDictionary {
  readonly #numbers = new Map<string, number>();
  readonly #texts: Uint8Array[] = [];
  #last: Uint8Array = new Uint8Array(0);
  #lastNumber = 0;

  /** Returns the number of the cursor's text, which is often that of the row before. */
  numberOf(cursor: RowCursor): number {
    if (this.#lastNumber > 0 && cursor.equals(this.#last)) return this.#lastNumber;
    const text = cursor.bytes.subarray(cursor.at, cursor.at + cursor.length);
    const key = text.toHex();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = RESERVED + this.#texts.length;
      this.#numbers.set(key, number);
      this.#texts.push(text.slice());
    }
    this.#last = this.#texts[number - RESERVED]!;
    return this.#lastNumber = number;
  }

  /** Removes all texts. */
  clear(): void {
    this.#numbers.clear();
    this.#texts.length = 0;
    this.#lastNumber = 0;
  }

  /** Returns the texts, as they stand before the numbers of so many rows. */
  head(rows: number): Uint8Array {
    const texts = [new Uint8Array(0), new Uint8Array(0), ...this.#texts];
    const size = texts.reduce((sum, { length }) => sum + lengthBytes(length).length + length, 0);
    const head = new Uint8Array(4 * NUMBER + size);
    const view = new DataView(head.buffer);
    view.setUint32(0, VERSION, true);
    view.setUint32(NUMBER, INDEX_TYPE, true);
    view.setUint32(2 * NUMBER, texts.length, true);
    let at = 3 * NUMBER;
    for (const text of texts) {
      const length = lengthBytes(text.length);
      head.set(length, at);
      head.set(text, at += length.length);
      at += text.length;
    }
    view.setUint32(at, rows, true);
    return head;
  }
}

/** Returns a length as it stands before a text: in groups of 7 bits, the lowest first. */
export function lengthBytes(length: number): number[] {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) bytes.push(rest & 0x7f | 0x80);
  return [...bytes, rest];
}
