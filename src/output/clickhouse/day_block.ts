/** Rows of one day as columns, in ClickHouse's format Native (ClickHouse documentation, "Native"). */

import type { StoredColumn } from "./stored_columns.ts";
import { lengthBytes, TextDictionary } from "./text_dictionary.ts";

/** Rows that a block has room for at first. */
const ROWS = 256;

/** Type of texts that repeat. */
const REPEATED = "LowCardinality(Nullable(String))";

/** Size of values in bytes by type; 0 for text. */
const SIZES: Readonly<Record<string, number>> = {
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  UInt64: 8,
  Float64: 8,
  String: 0,
  // The numbers of texts.
  [REPEATED]: 2,
  UUID: 16,
  "DateTime('UTC')": 4,
  "DateTime64(6, 'UTC')": 8,
  "FixedString(6)": 6,
  "FixedString(16)": 16,
};

/** Values of a column. */
export class ColumnValues {
  /** Name and type, as they stand before the values. */
  readonly head: Uint8Array;
  /** Size of a value in bytes; 0 for text. */
  readonly size: number;
  /** The texts that values are the numbers of; 0 stands for null. */
  readonly dictionary: TextDictionary | undefined;
  /** Whether values may be null. */
  readonly isNullable: boolean;
  /** For each row, 1 for null. */
  nulls: Uint8Array<ArrayBuffer>;
  /** The values; those of rows that are null are 0, or empty. */
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  /** End of the texts. */
  at = 0;

  /** Makes a column with room for rows. */
  constructor({ name, type }: StoredColumn, rows: number) {
    const plain = type.startsWith("Nullable(") ? type.slice("Nullable(".length, -1) : type;
    this.isNullable = plain !== type;
    this.size = SIZES[plain]!;
    this.dictionary = type === REPEATED ? new TextDictionary() : undefined;
    this.head = Uint8Array.of(...textOf(name), ...textOf(type));
    this.nulls = new Uint8Array(this.isNullable ? rows : 0).fill(1);
    this.bytes = new Uint8Array(rows * (this.size || 8));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for more rows. */
  grow(rows: number): void {
    if (this.isNullable) {
      const nulls = new Uint8Array(rows).fill(1);
      nulls.set(this.nulls);
      this.nulls = nulls;
    }
    if (this.size > 0) this.#enlarge(rows * this.size);
  }

  /** Adds a text, with its length as {@linkcode lengthBytes} has it. */
  text(source: Uint8Array, from: number, length: number): void {
    if (this.at + length + 5 > this.bytes.length) {
      this.#enlarge(Math.max(2 * this.bytes.length, this.at + length + 5));
    }
    const { bytes } = this;
    let to = this.at;
    let rest = length;
    for (; rest >= 0x80; rest >>>= 7) bytes[to++] = rest & 0x7f | 0x80;
    bytes[to++] = rest;
    // For a few bytes a loop is faster than a call.
    if (length > 64) bytes.set(source.subarray(from, from + length), to);
    else for (let index = 0; index < length; index++) bytes[to + index] = source[from + index]!;
    this.at = to + length;
  }

  /** Fills all rows with one value. */
  fill(value: Uint8Array, rows: number): void {
    const { bytes, size } = this;
    bytes.set(value);
    const all = rows * size;
    for (let done = size; done < all; done *= 2) {
      bytes.copyWithin(done, 0, Math.min(done, all - done));
    }
  }

  /** Makes rows null again, of which some may be filled in part. */
  clear(rows: number): void {
    this.nulls.fill(1, 0, rows);
    if (this.size > 0) this.bytes.fill(0, 0, rows * this.size);
    this.dictionary?.clear();
    this.at = 0;
  }

  /** Values of so many rows. */
  of(rows: number): Uint8Array {
    return this.bytes.subarray(0, this.size > 0 ? rows * this.size : this.at);
  }

  #enlarge(size: number): void {
    const grown = new Uint8Array(size);
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Rows of a day. */
export class DayBlock {
  readonly columns: readonly ColumnValues[];
  rows = 0;
  /** Rows that there is room for. */
  room = ROWS;
  /** Position of the end of its first row. */
  first = 0;
  /** Earliest and latest time, in whole seconds since the Unix epoch. */
  firstSecond = Infinity;
  lastSecond = -Infinity;

  constructor(columns: readonly StoredColumn[]) {
    this.columns = columns.map((column) => new ColumnValues(column, ROWS));
  }

  /** Makes room for one more row. */
  reserve(): void {
    if (this.rows < this.room) return;
    this.room *= 2;
    for (const column of this.columns) column.grow(this.room);
  }

  /** Removes all rows, and the one that was begun. */
  clear(): void {
    const rows = Math.min(this.rows + 1, this.room);
    for (const column of this.columns) column.clear(rows);
    this.rows = 0;
    this.firstSecond = Infinity;
    this.lastSecond = -Infinity;
  }

  /** The block's bytes, part by part: they belong to the block. */
  *parts(): Generator<Uint8Array> {
    yield Uint8Array.of(...lengthBytes(this.columns.length), ...lengthBytes(this.rows));
    for (const column of this.columns) {
      yield column.head;
      if (column.dictionary !== undefined) yield column.dictionary.head(this.rows);
      if (column.isNullable) yield column.nulls.subarray(0, this.rows);
      yield column.of(this.rows);
    }
  }
}

function textOf(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...lengthBytes(bytes.length), ...bytes];
}
