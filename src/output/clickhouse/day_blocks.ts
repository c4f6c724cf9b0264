/** Makes blocks of rows, one for each day. */

import { INET } from "../table/row.ts";
import { RowCursor, StrangeRowError } from "../table/row_cursor.ts";
import { NUMBER, REAL, TIME } from "../table/row_form.ts";
import { type ColumnValues, DayBlock } from "./day_block.ts";
import { LAST_SECOND } from "./schema.ts";
import {
  BATCH_COLUMNS,
  type StoredColumn,
  storedColumns,
  type TableForm,
} from "./stored_columns.ts";

const DAY_MICROS = 86_400_000_000;

/** Last microsecond that each form of a table has, in place of later ones. */
const LAST_MICROS = {
  /** Of `DateTime`, for which older servers know dates of the years 1970 to 2105. */
  seconds: LAST_SECOND * 1e6 + 999_999,
  /** Of `DateTime64`, as far as numbers are exact: the year 2255. */
  modern: Number.MAX_SAFE_INTEGER,
};

/** Largest numbers by their size in bytes. */
const MOST: readonly number[] = [0, 0xff, 0xffff, 0, 0xffff_ffff, 0, 0, 0, Number.MAX_SAFE_INTEGER];

/** Rows, and what is known of them. */
export interface Rows {
  /** Parts of the spool. */
  pieces: readonly Uint8Array[];
  /** The spool that they came through: a UUID. */
  spool: string;
  /** Position up to which their batch goes. */
  to: number;
  /** Returns the position of an offset in a piece. */
  positionOf(piece: Uint8Array, offset: number): number;
  /** Positions up to which the table has the rows of a day. */
  arrived: ReadonlyMap<number, number>;
}

/** Makes blocks for one table; they are valid until the next ones are made. */
export class DayBlocks {
  readonly #cursor: RowCursor;
  readonly #form: TableForm["record"]["form"];
  readonly #isModern: boolean;
  readonly #stored: readonly StoredColumn[];
  /** Index of the stored column of each value. */
  readonly #places: Uint8Array;
  /** Blocks by day; that of most rows is kept for the next batch. */
  readonly #blocks = new Map<number, DayBlock>();
  #spare: DayBlock | undefined;

  constructor({ record, isModern }: Pick<TableForm, "record" | "isModern">) {
    this.#form = record.form;
    this.#cursor = new RowCursor(record.form);
    this.#isModern = isModern;
    this.#stored = storedColumns({ record, isModern });
    this.#places = Uint8Array.from(
      record.columns,
      (_, index) => this.#stored.findIndex(({ value }) => value?.index === index),
    );
  }

  /**
   * Makes the blocks of rows that have not arrived, by their days since the Unix epoch in UTC.
   *
   * @throws {StrangeRowError} If pieces hold anything else than rows.
   */
  of({ pieces, spool, to, positionOf, arrived }: Rows): ReadonlyMap<number, DayBlock> {
    this.#begin();
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) {
        const micros = this.#time(piece, at);
        const day = Math.floor(micros / DAY_MICROS);
        const known = arrived.size > 0 ? arrived.get(day) : undefined;
        if (known !== undefined) {
          const end = this.#end();
          if (positionOf(piece, end) <= known) {
            at = end;
            continue;
          }
          this.#time(piece, at);
        }
        const block = this.#blockOf(day);
        block.reserve();
        this.#row(block, micros);
        at = this.#cursor.end;
        if (block.rows++ === 0) block.first = positionOf(piece, at);
      }
    }
    for (const block of this.#blocks.values()) this.#fillBatch(block, spool, to);
    return this.#blocks;
  }

  #begin(): void {
    const [most] = [...this.#blocks.values()].sort((a, b) => b.room - a.room);
    this.#blocks.clear();
    this.#spare = most ?? this.#spare;
  }

  /** Begins a row; returns its time in microseconds, within those that the table has. */
  #time(bytes: Uint8Array, at: number): number {
    const cursor = this.#cursor;
    cursor.begin(bytes, at);
    cursor.next(0);
    // The table's only column that is never null.
    if (cursor.length === -1) throw new StrangeRowError();
    return this.#within(cursor.micros());
  }

  #within(micros: number): number {
    const last = this.#isModern ? LAST_MICROS.modern : LAST_MICROS.seconds;
    return Math.max(0, Math.min(micros, last));
  }

  /** Passes over the rest of the row; returns the offset after it. */
  #end(): number {
    for (let column = 1; column < this.#form.types.length; column++) this.#cursor.next(column);
    return this.#cursor.end;
  }

  #blockOf(day: number): DayBlock {
    const known = this.#blocks.get(day);
    if (known !== undefined) return known;
    const block = this.#spare ?? new DayBlock(this.#stored);
    this.#spare = undefined;
    block.clear();
    this.#blocks.set(day, block);
    return block;
  }

  /** Writes the cursor's row into the next row of a block. */
  #row(block: DayBlock, micros: number): void {
    const [cursor, places] = [this.#cursor, this.#places];
    const { columns, rows } = block;
    const second = Math.floor(micros / 1e6);
    if (second < block.firstSecond) block.firstSecond = second;
    if (second > block.lastSecond) block.lastSecond = second;
    this.#writeTime(columns, 0, rows, micros);
    for (let index = 1; index < places.length; index++) {
      cursor.next(index);
      const column = columns[places[index]!]!;
      if (cursor.length !== -1) this.#value(columns, column, index, rows);
      else if (column.size === 0) column.text(cursor.bytes, 0, 0);
    }
  }

  #value(
    columns: readonly ColumnValues[],
    column: ColumnValues,
    index: number,
    row: number,
  ): void {
    const cursor = this.#cursor;
    const { bytes, at, length } = cursor;
    if (column.dictionary !== undefined) {
      return column.view.setUint16(2 * row, column.dictionary.numberOf(cursor), true);
    }
    column.nulls[row] = 0;
    switch (this.#form.forms[index]) {
      case NUMBER:
        return writeNumber(column, row, cursor.number());
      case TIME:
        return this.#writeTime(columns, this.#places[index]!, row, this.#within(cursor.micros()));
      case REAL:
        return column.view.setFloat64(8 * row, cursor.real(), true);
    }
    switch (this.#form.types[index]) {
      case "uuid":
        return writeUuid(column.bytes, 16 * row, bytes, at);
      case "address":
        return writeAddress(column.bytes, 16 * row, bytes, at);
      case "mac":
        return copy(column.bytes, 6 * row, bytes, at, 6);
      case "json":
        return column.text(bytes, at + 1, length - 1);
      default:
        return column.text(bytes, at, length);
    }
  }

  /** Writes a time, of older tables into two columns. */
  #writeTime(columns: readonly ColumnValues[], place: number, row: number, micros: number): void {
    const { nulls, view } = columns[place]!;
    if (place > 0) nulls[row] = 0;
    if (this.#isModern) {
      const high = Math.floor(micros / 2 ** 32);
      view.setUint32(8 * row, micros - high * 2 ** 32, true);
      view.setUint32(8 * row + 4, high, true);
      return;
    }
    const second = Math.floor(micros / 1e6);
    const rest = columns[place + 1]!;
    view.setUint32(4 * row, second, true);
    rest.view.setUint32(4 * row, micros - second * 1e6, true);
    if (place > 0) rest.nulls[row] = 0;
  }

  #fillBatch({ columns, rows }: DayBlock, spool: string, to: number): void {
    const [spools, positions] = columns.slice(-BATCH_COLUMNS.length);
    const uuid = new Uint8Array(16);
    writeUuid(uuid, 0, Uint8Array.fromHex(spool.replaceAll("-", "")), 0);
    const position = new Uint8Array(8);
    new DataView(position.buffer).setBigUint64(0, BigInt(to), true);
    spools!.fill(uuid, rows);
    positions!.fill(position, rows);
  }
}

function writeNumber({ view, size }: ColumnValues, row: number, value: number): void {
  if (value < 0 || value > MOST[size]!) throw new StrangeRowError();
  if (size === 1) view.setUint8(row, value);
  else if (size === 2) view.setUint16(2 * row, value, true);
  else if (size === 4) view.setUint32(4 * row, value, true);
  else {
    const high = Math.floor(value / 2 ** 32);
    view.setUint32(8 * row, value - high * 2 ** 32, true);
    view.setUint32(8 * row + 4, high, true);
  }
}

/** Writes a UUID: two halves, each with its last byte first. */
function writeUuid(out: Uint8Array, to: number, bytes: Uint8Array, at: number): void {
  for (let index = 0; index < 8; index++) {
    out[to + index] = bytes[at + 7 - index]!;
    out[to + 8 + index] = bytes[at + 15 - index]!;
  }
}

/** Writes an address; before it stand its family and size. */
function writeAddress(out: Uint8Array, to: number, bytes: Uint8Array, at: number): void {
  if (bytes[at] !== INET) return copy(out, to, bytes, at + 4, 16);
  out[to + 10] = out[to + 11] = 0xff;
  copy(out, to + 12, bytes, at + 4, 4);
}

function copy(out: Uint8Array, to: number, bytes: Uint8Array, at: number, length: number): void {
  for (let index = 0; index < length; index++) out[to + index] = bytes[at + index]!;
}
