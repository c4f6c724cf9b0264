/** Makes rows in ClickHouse's format RowBinary, a block for each day. */

import { INET } from "../table/row.ts";
import { PACKETS } from "../table/packets.ts";
import { RowCursor, StrangeRowError } from "../table/row_cursor.ts";
import { NUMBER, TIME } from "../table/row_form.ts";
import { BLOCK_HEAD, writeBlockHead } from "./block.ts";
import { LAST_SECOND } from "./schema.ts";

const { types: TYPES, forms: FORMS } = PACKETS.form;

/** Size of a buffer at first, in bytes. */
const SIZE = 4 * 1024;
/** Bytes that a row may take more than in the spool: mapped addresses, and the batch's columns. */
const GROWTH = 96;
const DAY_MICROS = 86_400_000_000;

/** Last microsecond that each form of a table has, in place of later ones. */
const LAST_MICROS = {
  /** Of `DateTime`, for which older servers know dates of the years 1970 to 2105. */
  seconds: LAST_SECOND * 1e6 + 999_999,
  /** Of `DateTime64`, as far as numbers are exact: the year 2255. */
  modern: Number.MAX_SAFE_INTEGER,
};

/** Largest values of numbers, by type. */
const MOST: Readonly<Record<string, number>> = {
  uint8: 0xff,
  uint16: 0xffff,
  uint32: 0xffff_ffff,
  length: 0xffff_ffff,
};
const MOST_BY_COLUMN = TYPES.map((type) => MOST[type] ?? 0);

/** Rows of one day. */
export interface Block {
  /** The day, since the Unix epoch, in UTC. */
  day: number;
  rows: number;
  /** Position of the end of its first row. */
  first: number;
  /** Earliest and latest time, in whole seconds since the Unix epoch. */
  firstSecond: number;
  lastSecond: number;
  /** The block, with its head. */
  bytes: Uint8Array;
}

/** Rows, and what is known of them. */
export interface Rows {
  /** Parts of the spool. */
  pieces: readonly Uint8Array[];
  /** The spool that they came through: a UUID. */
  spool: string;
  /** Position up to which the insert goes. */
  to: number;
  /** Returns the position of an offset in a piece. */
  positionOf(piece: Uint8Array, offset: number): number;
  /** Positions up to which the table has the rows of a day. */
  arrived: ReadonlyMap<number, number>;
}

/** A block that grows. */
class DayBlock {
  bytes: Uint8Array;
  view: DataView;
  at = BLOCK_HEAD;
  rows = 0;
  first = 0;
  firstSecond = Infinity;
  lastSecond = -Infinity;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for so many further bytes. */
  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.at + size));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  clear(): void {
    this.at = BLOCK_HEAD;
    this.rows = 0;
    this.firstSecond = Infinity;
    this.lastSecond = -Infinity;
  }
}

/** Makes blocks; their bytes are valid until the next ones are made. */
export class RowBinary {
  readonly #cursor = new RowCursor(PACKETS.form);
  readonly #isModern: boolean;
  /** Blocks by day; that of most rows is kept for the next batch. */
  readonly #blocks = new Map<number, DayBlock>();
  #spare: DayBlock | undefined;
  /** Start of the current row in its block. */
  #start = 0;
  /** The columns of the batch, in bytes. */
  readonly #batch = new Uint8Array(24);

  /** Makes blocks for a table whose times are `DateTime64`, or not. */
  constructor(isModern: boolean) {
    this.#isModern = isModern;
  }

  /**
   * Makes the blocks of rows that have not arrived.
   *
   * @throws {StrangeRowError} If pieces hold anything else than rows.
   */
  of({ pieces, spool, to, positionOf, arrived }: Rows): Block[] {
    this.#begin(spool, to, pieces.reduce((sum, { length }) => sum + length, 0));
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) {
        const micros = this.#micros(piece, at);
        const day = Math.floor(micros / DAY_MICROS);
        const end = this.#row(day, micros);
        const position = positionOf(piece, end);
        const block = this.#blocks.get(day)!;
        if (position <= (arrived.get(day) ?? -1)) block.at = this.#start;
        else if (block.rows++ === 0) block.first = position;
        at = end;
      }
    }
    return [...this.#blocks].filter(([, { rows }]) => rows > 0).map(([day, block]) => {
      const { rows, first, firstSecond, lastSecond } = block;
      const bytes = block.bytes.subarray(0, block.at);
      writeBlockHead(bytes);
      return { day, rows, first, firstSecond, lastSecond, bytes };
    });
  }

  #begin(spool: string, to: number, size: number): void {
    const [most] = [...this.#blocks.values()].sort((a, b) => b.bytes.length - a.bytes.length);
    this.#blocks.clear();
    this.#spare = most ?? this.#spare;
    // Rows are of one day most often, and no longer than in the spool.
    if ((this.#spare?.bytes.length ?? 0) < size) this.#spare = new DayBlock(SIZE + size);
    const view = new DataView(this.#batch.buffer);
    writeUuid(view, 0, Uint8Array.fromHex(spool.replaceAll("-", "")), 0);
    view.setBigUint64(16, BigInt(to), true);
  }

  /** Returns the time of the row at an offset, within those that the table has. */
  #micros(bytes: Uint8Array, at: number): number {
    const cursor = this.#cursor;
    cursor.begin(bytes, at);
    cursor.next(0);
    // The table's only column that is never null.
    if (cursor.length === -1) throw new StrangeRowError();
    const last = this.#isModern ? LAST_MICROS.modern : LAST_MICROS.seconds;
    return Math.max(0, Math.min(cursor.micros(), last));
  }

  /** Writes the cursor's row into the block of its day; returns the offset after it. */
  #row(day: number, micros: number): number {
    const cursor = this.#cursor;
    const block = this.#blockOf(day);
    this.#start = block.at;
    this.#time(block, micros);
    for (let column = 1; column < TYPES.length; column++) {
      cursor.next(column);
      block.reserve(GROWTH + Math.max(0, cursor.length));
      if (cursor.length === -1) block.bytes[block.at++] = 1;
      else {
        block.bytes[block.at++] = 0;
        this.#value(block, column);
      }
    }
    block.reserve(this.#batch.length);
    block.bytes.set(this.#batch, block.at);
    block.at += this.#batch.length;
    return cursor.end;
  }

  #blockOf(day: number): DayBlock {
    const known = this.#blocks.get(day);
    if (known !== undefined) return known;
    const block = this.#spare ?? new DayBlock(SIZE);
    this.#spare = undefined;
    block.clear();
    this.#blocks.set(day, block);
    return block;
  }

  #time(block: DayBlock, micros: number): void {
    const second = Math.floor(micros / 1e6);
    block.firstSecond = Math.min(block.firstSecond, second);
    block.lastSecond = Math.max(block.lastSecond, second);
    block.reserve(GROWTH);
    const { view } = block;
    if (this.#isModern) {
      const high = Math.floor(micros / 2 ** 32);
      view.setUint32(block.at, micros - high * 2 ** 32, true);
      view.setUint32(block.at + 4, high, true);
    } else {
      view.setUint32(block.at, second, true);
      view.setUint32(block.at + 4, micros - second * 1e6, true);
    }
    block.at += 8;
  }

  #value(block: DayBlock, column: number): void {
    const cursor = this.#cursor;
    const { bytes, at, length } = cursor;
    if (FORMS[column] === NUMBER) return this.#number(block, column, cursor.number());
    if (FORMS[column] === TIME) throw new StrangeRowError();
    switch (TYPES[column]) {
      case "uuid":
        writeUuid(block.view, block.at, bytes, at);
        block.at += 16;
        return;
      case "address":
        return mapped(block, bytes, at);
      case "mac":
        return copy(block, bytes, at, length);
      case "json":
        return text(block, bytes, at + 1, length - 1);
      default:
        return text(block, bytes, at, length);
    }
  }

  #number(block: DayBlock, column: number, value: number): void {
    const most = MOST_BY_COLUMN[column]!;
    if (value < 0 || value > most) throw new StrangeRowError();
    const { view, at } = block;
    if (most === 0xff) view.setUint8(at, value);
    else if (most === 0xffff) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    block.at += most === 0xff ? 1 : most === 0xffff ? 2 : 4;
  }
}

/** Writes a UUID: two halves, each with its last byte first. */
function writeUuid(view: DataView, to: number, bytes: Uint8Array, at: number): void {
  for (let index = 0; index < 8; index++) {
    view.setUint8(to + index, bytes[at + 7 - index]!);
    view.setUint8(to + 8 + index, bytes[at + 15 - index]!);
  }
}

/** Writes an address; before it stand its family and size. */
function mapped(block: DayBlock, bytes: Uint8Array, at: number): void {
  if (bytes[at] === INET) {
    block.bytes.fill(0, block.at, block.at + 10);
    block.bytes.fill(0xff, block.at + 10, block.at + 12);
    block.at += 12;
    copy(block, bytes, at + 4, 4);
  } else copy(block, bytes, at + 4, 16);
}

/** Writes text or bytes: the length in groups of 7 bits, the lowest first. */
function text(block: DayBlock, bytes: Uint8Array, at: number, length: number): void {
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) block.bytes[block.at++] = rest & 0x7f | 0x80;
  block.bytes[block.at++] = rest;
  copy(block, bytes, at, length);
}

function copy(block: DayBlock, bytes: Uint8Array, at: number, length: number): void {
  const [out, to] = [block.bytes, block.at];
  // For a few bytes a loop is faster than a call.
  if (length > 64) out.set(bytes.subarray(at, at + length), to);
  else for (let index = 0; index < length; index++) out[to + index] = bytes[at + index]!;
  block.at = to + length;
}
