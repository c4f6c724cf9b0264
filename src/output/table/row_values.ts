/** Reads rows as values of JavaScript. */

import { EPOCH_MICROS, RowCursor, StrangeRowError } from "./row_cursor.ts";
import { mostOf, NUMBER, REAL, REPEATED, type RowForm, TIME } from "./row_form.ts";

/** Value of a column. */
export type Value = null | number | bigint | string | Uint8Array;

/** Last microsecond of the year 9999, in place of later ones, in microseconds. */
export const LAST_MICROS = 253_402_300_799_999_999n;

/** Reads rows of one table. Values that repeat are decoded once. */
export class RowValues {
  readonly #form: RowForm;
  readonly #cursor: RowCursor;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** The last bytes of each column of text or UUIDs, and their value. */
  readonly #lastBytes: Uint8Array[];
  readonly #lastValues: Value[];

  constructor(form: RowForm) {
    this.#form = form;
    this.#cursor = new RowCursor(form);
    this.#lastBytes = form.types.map(() => new Uint8Array(0));
    this.#lastValues = form.types.map(() => "");
  }

  /**
   * Reads a row.
   *
   * @param bytes Rows.
   * @param start Offset of the row.
   * @param out Takes a value for each column: times in microseconds since the Unix epoch, addresses
   *   in network order.
   * @param to Index of the first value in it.
   * @returns The offset after the row.
   * @throws {StrangeRowError} If no row is there.
   */
  read(bytes: Uint8Array, start: number, out: Value[], to: number): number {
    const cursor = this.#cursor;
    cursor.begin(bytes, start);
    for (let column = 0; column < this.#form.types.length; column++) {
      cursor.next(column);
      out[to + column] = cursor.length === -1 ? null : this.#value(column);
    }
    return cursor.end;
  }

  #value(column: number): Value {
    const { forms, types } = this.#form;
    switch (forms[column]) {
      case NUMBER:
        return this.#number(mostOf(types[column]!));
      case TIME:
        return this.#time();
      case REAL:
        return this.#cursor.real();
      case REPEATED:
        return this.#repeated(column);
    }
    const { bytes, at, length } = this.#cursor;
    if (types[column] === "json") return this.#decoder.decode(bytes.subarray(at + 1, at + length));
    return bytes.subarray(types[column] === "address" ? at + 4 : at, at + length);
  }

  #number(most: number): number {
    const value = this.#cursor.number();
    if (value < 0 || value > most) throw new StrangeRowError();
    return value;
  }

  #time(): number | bigint {
    const micros = this.#cursor.micros();
    if (Number.isSafeInteger(micros)) return micros;
    const { view, at } = this.#cursor;
    const exact = view.getBigInt64(at) + BigInt(EPOCH_MICROS);
    return micros === Infinity || exact > LAST_MICROS ? LAST_MICROS : exact;
  }

  /** Returns the value of a text or a UUID, which is often that of the row before. */
  #repeated(column: number): Value {
    const cursor = this.#cursor;
    if (cursor.equals(this.#lastBytes[column]!)) return this.#lastValues[column]!;
    const { bytes, at } = cursor;
    const copy = bytes.slice(at, at + cursor.length);
    this.#lastBytes[column] = copy;
    return this.#lastValues[column] = this.#form.types[column] === "uuid"
      ? copy
      : this.#decoder.decode(copy);
  }
}
