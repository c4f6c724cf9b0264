/** Reads rows as the values that SQLite takes. */

import { COLUMNS, type ColumnType } from "../table/columns.ts";
import { INET, JSONB_VERSION } from "../table/row.ts";

/** Value of a column. */
export type Value = null | number | bigint | string | Uint8Array;

/** Microseconds from the Unix epoch to PostgreSQL's, of which rows count. */
const EPOCH_MICROS = 946_684_800_000_000;
const TWO_32 = 0x1_0000_0000;
/** Last microsecond of the year 9999, in place of later ones, in microseconds. */
const LAST_MICROS = 253_402_300_799_999_999n;
/** The same in the high half of a row's time. */
const LAST_HIGH = Math.floor(Number(LAST_MICROS) / TWO_32);

/** Error of bytes that are no row. */
export class StrangeRowError extends Error {
  override readonly name = "StrangeRowError";

  constructor() {
    super("these bytes are not a row of nfscribe");
  }
}

/** Types by column. */
const TYPES: readonly ColumnType[] = COLUMNS.map(([, type]) => type);

/** Reads rows of a frame. Values that repeat are decoded once. */
export class RowValues {
  readonly #decoder = new TextDecoder();
  /** The last bytes of each column of text or UUIDs, and their value. */
  readonly #lastBytes: Uint8Array[] = TYPES.map(() => new Uint8Array(0));
  readonly #lastValues: Value[] = TYPES.map((type) => type === "text" ? "" : new Uint8Array(0));
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /**
   * Reads a row.
   *
   * @param bytes A frame.
   * @param start Offset of the row.
   * @param out Takes a value for each column.
   * @param to Index of the first value in it.
   * @returns The offset after the row.
   * @throws {StrangeRowError} If no row is there.
   */
  read(bytes: Uint8Array, start: number, out: Value[], to: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    if (start + 2 > bytes.length || view.getInt16(start) !== TYPES.length) {
      throw new StrangeRowError();
    }
    let at = start + 2;
    for (let column = 0; column < TYPES.length; column++) {
      if (at + 4 > bytes.length) throw new StrangeRowError();
      const length = view.getInt32(at);
      at += 4;
      if (length === -1) {
        out[to + column] = null;
        continue;
      }
      if (length < 0 || at + length > bytes.length) throw new StrangeRowError();
      out[to + column] = this.#value(column, at, length);
      at += length;
    }
    return at;
  }

  #value(column: number, at: number, length: number): Value {
    const [bytes, view] = [this.#bytes, this.#view];
    switch (TYPES[column]!) {
      case "uint8":
        return length === 2 ? view.getInt16(at) : strange();
      case "uint16":
      case "length":
        return length === 4 ? view.getInt32(at) : strange();
      case "uint32":
        if (length !== 8 || view.getUint32(at) !== 0) return strange();
        return view.getUint32(at + 4);
      case "time":
        return length === 8 ? this.#time(at) : strange();
      case "text":
      case "uuid":
        return this.#repeated(column, at, length);
      case "mac":
        return length === 6 ? bytes.subarray(at, at + 6) : strange();
      case "address":
        if (length !== (bytes[at] === INET ? 8 : 20)) return strange();
        return bytes.subarray(at + 4, at + length);
      case "json":
        if (bytes[at] !== JSONB_VERSION || length === 0) return strange();
        return this.#decoder.decode(bytes.subarray(at + 1, at + length));
      case "bytes":
        return bytes.subarray(at, at + length);
    }
  }

  /** Returns microseconds since the Unix epoch. */
  #time(at: number): number | bigint {
    const high = this.#view.getInt32(at);
    if (high >= LAST_HIGH) return LAST_MICROS;
    const micros = high * TWO_32 + this.#view.getUint32(at + 4) + EPOCH_MICROS;
    return Number.isSafeInteger(micros)
      ? micros
      : this.#view.getBigInt64(at) + BigInt(EPOCH_MICROS);
  }

  /** Returns the value of a text or a UUID, which is often that of the row before. */
  #repeated(column: number, at: number, length: number): Value {
    const [bytes, last] = [this.#bytes, this.#lastBytes[column]!];
    let same = length === last.length;
    for (let index = 0; same && index < length; index++) same = bytes[at + index] === last[index];
    if (same) return this.#lastValues[column]!;
    if (TYPES[column] === "uuid" && length !== 16) return strange();
    const copy = bytes.slice(at, at + length);
    this.#lastBytes[column] = copy;
    return this.#lastValues[column] = TYPES[column] === "uuid" ? copy : this.#decoder.decode(copy);
  }
}

function strange(): never {
  throw new StrangeRowError();
}
