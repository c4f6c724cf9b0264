/** Walks through the values of rows without splitting them. */

import { ROW_EPOCH, TWO_32 } from "./row.ts";
import { hasSize, type RowForm } from "./row_form.ts";

/** Microseconds from the Unix epoch to that of rows. */
export const EPOCH_MICROS: number = ROW_EPOCH * 1e6;

/** Error of bytes that are no row. */
export class StrangeRowError extends Error {
  override readonly name = "StrangeRowError";

  constructor() {
    super("these bytes are not a row of nfscribe");
  }
}

/** A place in rows of one table; it looks at untrusted bytes. */
export class RowCursor {
  readonly #form: RowForm;
  /** The rows. */
  bytes: Uint8Array = new Uint8Array(0);
  /** A view of them. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the current value, and of the row once all were read. */
  at = 0;
  /** Size of the current value in bytes; -1 for null. */
  length = 0;

  constructor(form: RowForm) {
    this.#form = form;
  }

  /**
   * Begins a row.
   *
   * @throws {StrangeRowError} If none is there.
   */
  begin(bytes: Uint8Array, start: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    if (start + 2 > bytes.length || this.view.getInt16(start) !== this.#form.types.length) {
      throw new StrangeRowError();
    }
    this.at = start + 2;
    this.length = 0;
  }

  /**
   * Goes to the value of a column, from that of the one before.
   *
   * @throws {StrangeRowError} If it is none of that column's type.
   */
  next(column: number): void {
    const at = this.at + Math.max(0, this.length) + 4;
    if (at > this.bytes.length) throw new StrangeRowError();
    const length = this.view.getInt32(at - 4);
    this.at = at;
    this.length = length;
    if (length === -1) return;
    if (length < 0 || at + length > this.bytes.length) throw new StrangeRowError();
    const { sizes, types } = this.#form;
    const size = sizes[column]!;
    const isRight = size !== 0 ? length === size : hasSize(types[column]!, this.bytes, at, length);
    if (!isRight) throw new StrangeRowError();
  }

  /** Offset after the last value. */
  get end(): number {
    return this.at + Math.max(0, this.length);
  }

  /** Returns the current value, a time, in microseconds since the Unix epoch; Infinity for none. */
  micros(): number {
    const high = this.view.getInt32(this.at);
    if (high === 0x7fff_ffff) return Infinity;
    return high * TWO_32 + this.view.getUint32(this.at + 4) + EPOCH_MICROS;
  }

  /** Returns the current value, a number. */
  number(): number {
    switch (this.length) {
      case 2:
        return this.view.getInt16(this.at);
      case 4:
        return this.view.getInt32(this.at);
      default:
        return this.view.getInt32(this.at) * TWO_32 + this.view.getUint32(this.at + 4);
    }
  }

  /** Returns the current value, a floating-point number. */
  real(): number {
    return this.view.getFloat64(this.at);
  }

  /** Returns whether the current value has the same bytes as another one. */
  equals(other: Uint8Array): boolean {
    const { bytes, at, length } = this;
    if (length !== other.length) return false;
    for (let index = 0; index < length; index++) {
      if (bytes[at + index] !== other[index]) return false;
    }
    return true;
  }
}
