/** Makes lines for `LOAD DATA` of rows (MySQL documentation, "LOAD DATA", "Field and Line Handling"). */

import { Buffer } from "node:buffer";
import { RowCursor } from "../table/row_cursor.ts";
import { NUMBER, REAL, REPEATED, type RowForm, TIME } from "../table/row_form.ts";
import { dateTimeText } from "./date_time.ts";

/** Bytes of a piece; rows that are longer get one of their own. */
const PIECE = 64 * 1024;
/** Pieces whose memory is used in turn: one is made while the client has the ones before. */
const PIECES = 3;
/** The most bytes of a value besides text and bytes. */
const VALUE_MOST = 64;

const [TAB, NEWLINE, BACKSLASH] = [0x09, 0x0a, 0x5c];
/** Letters after a backslash, by byte. */
const ESCAPES: Readonly<Record<number, number>> = {
  0: 0x30,
  [TAB]: 0x74,
  [NEWLINE]: 0x6e,
  [BACKSLASH]: BACKSLASH,
};

/** Makes lines. Texts that repeat are escaped once. */
export class LoadLines {
  readonly #form: RowForm;
  readonly #cursor: RowCursor;
  /** The last bytes of each column of text or UUIDs, and those of its line. */
  readonly #lastBytes: Uint8Array[];
  readonly #lastLines: Uint8Array[];
  #second = NaN;
  /** The time of the last second, up to the point. */
  #secondText: Uint8Array = new Uint8Array(0);
  #out: Buffer = Buffer.allocUnsafe(0);
  readonly #pieces: Buffer[] = [];
  #to = 0;
  /** Rows of which lines were made. */
  rows = 0;

  constructor(form: RowForm) {
    this.#form = form;
    this.#cursor = new RowCursor(form);
    this.#lastBytes = form.types.map(() => new Uint8Array(0));
    this.#lastLines = form.types.map(() => new Uint8Array(0));
  }

  /**
   * Makes the lines of frames, piece by piece; a piece is valid until the second one after it is
   * asked for.
   *
   * @throws {StrangeRowError} If frames hold anything else than rows.
   */
  *of(frames: Iterable<Uint8Array>): Generator<Buffer, void, undefined> {
    this.rows = 0;
    this.#out = this.#nextPiece();
    this.#to = 0;
    for (const frame of frames) {
      for (let at = 0; at < frame.length;) {
        const before = this.#to;
        const end = this.#line(frame, at);
        if (end !== undefined) {
          at = end;
          this.rows++;
          continue;
        }
        if (before > 0) yield this.#out.subarray(0, before);
        // What did not fit into a whole piece is one long row.
        this.#out = before > 0 ? this.#nextPiece() : Buffer.allocUnsafe(this.#out.length * 2);
        this.#to = 0;
      }
    }
    if (this.#to > 0) yield this.#out.subarray(0, this.#to);
  }

  /** Returns memory of a piece: that of the one which was used longest ago. */
  #nextPiece(): Buffer {
    const piece = this.#pieces.length < PIECES ? Buffer.allocUnsafe(PIECE) : this.#pieces.shift()!;
    this.#pieces.push(piece);
    return piece;
  }

  /** Makes a line; returns the offset after the row, or undefined without room for the line. */
  #line(bytes: Uint8Array, start: number): number | undefined {
    const cursor = this.#cursor;
    const begin = this.#to;
    cursor.begin(bytes, start);
    const width = this.#form.types.length;
    for (let column = 0; column < width; column++) {
      cursor.next(column);
      const most = VALUE_MOST + 2 * Math.max(0, cursor.length);
      if (this.#to + most > this.#out.length) {
        this.#to = begin;
        return undefined;
      }
      if (cursor.length === -1) {
        this.#out[this.#to++] = BACKSLASH;
        this.#out[this.#to++] = 0x4e;
      } else this.#value(column);
      this.#out[this.#to++] = column === width - 1 ? NEWLINE : TAB;
    }
    return cursor.end;
  }

  #value(column: number): void {
    const cursor = this.#cursor;
    switch (this.#form.forms[column]) {
      case NUMBER:
        return this.#number(cursor.number());
      case TIME:
        return this.#time(cursor.micros());
      case REPEATED:
        return this.#repeated(column);
      case REAL:
        return this.#copy(Buffer.from(String(cursor.real())));
    }
    const { bytes, at, length } = cursor;
    const type = this.#form.types[column];
    // Before an address stand its family and size, before JSON its version.
    const head = type === "address" ? 4 : type === "json" ? 1 : 0;
    this.#escaped(bytes, at + head, at + length);
  }

  /** Writes a number in decimal digits. */
  #number(value: number): void {
    // Those that are none of nfscribe's are for the server to refuse.
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) return this.#copy(Buffer.from(String(value)));
    const out = this.#out;
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let to = this.#to + digits - 1; to >= this.#to; to--) {
      const next = Math.floor(rest / 10);
      out[to] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.#to += digits;
  }

  /** Writes a time, of which many rows have the same second. */
  #time(micros: number): void {
    const second = Math.floor(micros / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = Buffer.from(dateTimeText(micros).slice(0, -6));
    }
    this.#copy(this.#secondText);
    let rest = micros === Infinity || !Number.isSafeInteger(micros)
      ? Number(dateTimeText(micros).slice(-6))
      : micros - second * 1e6;
    for (let to = this.#to + 5; to >= this.#to; to--) {
      const next = Math.floor(rest / 10);
      this.#out[to] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.#to += 6;
  }

  /** Writes a text or a UUID, which is often that of the row before. */
  #repeated(column: number): void {
    const cursor = this.#cursor;
    if (cursor.equals(this.#lastBytes[column]!)) return this.#copy(this.#lastLines[column]!);
    const { bytes, at, length } = cursor;
    const from = this.#to;
    this.#escaped(bytes, at, at + length);
    this.#lastBytes[column] = bytes.slice(at, at + length);
    this.#lastLines[column] = Uint8Array.from(this.#out.subarray(from, this.#to));
  }

  #escaped(bytes: Uint8Array, from: number, end: number): void {
    const out = this.#out;
    let to = this.#to;
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === BACKSLASH || byte <= NEWLINE && ESCAPES[byte] !== undefined) {
        out[to++] = BACKSLASH;
        out[to++] = ESCAPES[byte]!;
      } else out[to++] = byte;
    }
    this.#to = to;
  }

  #copy(bytes: Uint8Array): void {
    const [out, to] = [this.#out, this.#to];
    for (let index = 0; index < bytes.length; index++) out[to + index] = bytes[index]!;
    this.#to = to + bytes.length;
  }
}
