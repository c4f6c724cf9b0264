/**
 * Encodes rows, in the same form for every database: that of PostgreSQL's binary COPY (PostgreSQL
 * documentation, COPY, "Binary Format"), for each field a length and the value in the type's binary
 * format.
 */

import { ABSENT } from "../../packet/absent.ts";
import { escapeByte, utf8Length } from "../../text/utf8.ts";

/** Size of a field's length in bytes, which is also the size of a null field. */
export const FIELD_HEAD = 4;

/** Seconds from the Unix epoch to that of rows, which is PostgreSQL's: the start of the year 2000. */
export const ROW_EPOCH = 946_684_800;
/** End of PostgreSQL's finite times in seconds: the year 294277. */
const TIME_END = 9_224_318_016_000;
export const TWO_32 = 0x1_0000_0000;

/** `PGSQL_AF_INET` (utils/inet.h) */
export const INET = 2;
/** `PGSQL_AF_INET6` (utils/inet.h) */
const INET6 = 3;
/** Version of the binary format of jsonb. */
export const JSONB_VERSION = 1;

/**
 * Writes fields into bytes at a position. The caller checks that there is room. Methods `…OrNull` write
 * null for a value, or a length, that is {@linkcode ABSENT}.
 */
export class RowWriter {
  /** Position of the next field. */
  at = 0;
  #out: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Begins a row. */
  begin(out: Uint8Array, at: number, fields: number): void {
    if (out !== this.#out) {
      this.#out = out;
      this.#view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    }
    this.#view.setInt16(at, fields);
    this.at = at + 2;
  }

  /** Writes a null field. */
  null(): void {
    this.#view.setInt32(this.at, -1);
    this.at += FIELD_HEAD;
  }

  int16OrNull(value: number): void {
    if (value === ABSENT) this.null();
    else this.int16(value);
  }

  int32OrNull(value: number): void {
    if (value === ABSENT) this.null();
    else this.int32(value);
  }

  uint32OrNull(value: number): void {
    if (value === ABSENT) this.null();
    else this.uint32(value);
  }

  countOrNull(value: number): void {
    if (value === ABSENT) this.null();
    else this.count(value);
  }

  textOrNull(source: Uint8Array, from: number, length: number): void {
    if (length === ABSENT) this.null();
    else this.text(source, from, length);
  }

  inetOrNull(source: Uint8Array, from: number, length: number): void {
    if (length === ABSENT) this.null();
    else this.inet(source, from, length as 4 | 16);
  }

  /** Writes several null fields. */
  nulls(count: number): void {
    for (let field = 0; field < count; field++) this.null();
  }

  /** Writes a `uint8`, in two bytes. */
  int16(value: number): void {
    this.#view.setInt32(this.at, 2);
    this.#view.setInt16(this.at + 4, value);
    this.at += 6;
  }

  /** Writes a `uint16` or a `length`, in four bytes. */
  int32(value: number): void {
    this.#view.setInt32(this.at, 4);
    this.#view.setInt32(this.at + 4, value);
    this.at += 8;
  }

  /** Writes a `uint32`, in eight bytes. */
  uint32(value: number): void {
    this.#view.setInt32(this.at, 8);
    this.#view.setInt32(this.at + 4, 0);
    this.#view.setUint32(this.at + 8, value);
    this.at += 12;
  }

  /** Writes a `count`, in eight bytes. */
  count(value: number): void {
    this.#view.setInt32(this.at, 8);
    this.#view.setUint32(this.at + 4, Math.floor(value / TWO_32));
    this.#view.setUint32(this.at + 8, value);
    this.at += 12;
  }

  /** Writes `seconds`, in eight bytes. */
  seconds(value: number): void {
    this.#view.setInt32(this.at, 8);
    this.#view.setFloat64(this.at + 4, value);
    this.at += 12;
  }

  /**
   * Writes a time, to the microsecond; one out of PostgreSQL's range becomes infinity.
   */
  time(seconds: number, nanoseconds: number): void {
    this.#view.setInt32(this.at, 8);
    if (seconds < TIME_END) {
      const micros = (seconds - ROW_EPOCH) * 1e6 + Math.floor(nanoseconds / 1000);
      const high = Math.floor(micros / TWO_32);
      this.#view.setInt32(this.at + 4, high);
      this.#view.setUint32(this.at + 8, micros - high * TWO_32);
    } else {
      this.#view.setInt32(this.at + 4, 0x7fff_ffff);
      this.#view.setInt32(this.at + 8, -1);
    }
    this.at += 12;
  }

  /** Writes bytes, a hardware address, a UUID, or valid text. */
  bytes(source: Uint8Array, from: number, length: number): void {
    this.#view.setInt32(this.at, length);
    this.at += FIELD_HEAD;
    this.#copy(source, from, length);
  }

  /** Writes encoded fields. */
  fields(made: Uint8Array): void {
    this.#copy(made, 0, made.length);
  }

  /** Writes an address of 4 or 16 bytes. */
  inet(source: Uint8Array, from: number, length: 4 | 16): void {
    const out = this.#out;
    const { at } = this;
    this.#view.setInt32(at, 4 + length);
    out[at + 4] = length === 4 ? INET : INET6;
    out[at + 5] = length * 8;
    out[at + 6] = 0;
    out[at + 7] = length;
    this.at = at + 8;
    this.#copy(source, from, length);
  }

  /** Writes JSON from its text; undefined makes a null field. */
  jsonb(text: Uint8Array | undefined): void {
    if (text === undefined) return this.null();
    this.#view.setInt32(this.at, 1 + text.length);
    this.#out[this.at + FIELD_HEAD] = JSONB_VERSION;
    this.at += FIELD_HEAD + 1;
    this.#copy(text, 0, text.length);
  }

  /**
   * Writes text from any bytes: those that are not UTF-8, and NUL, which PostgreSQL does not
   * store, are escaped as `\xe9`. Takes up to four times the bytes.
   */
  text(source: Uint8Array, from: number, length: number): void {
    const out = this.#out;
    const start = this.at + FIELD_HEAD;
    let to = start;
    for (let at = from; at < from + length;) {
      const byte = source[at]!;
      if (byte < 0x80 && byte !== 0) {
        out[to++] = byte;
        at++;
        continue;
      }
      const size = byte === 0 ? 0 : utf8Length(source, at, from + length);
      if (size === 0) {
        to = escapeByte(out, to, byte);
        at++;
      }
      for (let i = 0; i < size; i++) out[to++] = source[at++]!;
    }
    this.#view.setInt32(this.at, to - start);
    this.at = to;
  }

  #copy(source: Uint8Array, from: number, length: number): void {
    const out = this.#out;
    const { at } = this;
    // For a few bytes a loop is faster than a call.
    if (length > 64) out.set(source.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) out[at + i] = source[from + i]!;
    this.at = at + length;
  }
}
