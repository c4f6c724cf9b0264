/** Writes text into bytes digit by digit, without strings in between. */

import { readBe16, readBe32 } from "../bytes/memory.ts";
import {
  storeBe16,
  storeBe32,
  storeColoned,
  storeInteger,
  storeIpv4,
  storeSmall,
  storeThree,
} from "./digits.ts";
import { escapeByte, utf8Length, visibleLength } from "./utf8.ts";

const TAB = 0x09;
const SPACE = 0x20;
const DEL = 0x7f;
/** First byte value that is a letter in single-byte encodings such as Latin-1. */
const LATIN_1 = 0xa0;
const ZERO = 0x30;
const COLON = 0x3a;
const DOT = 0x2e;
const LOWER = ascii("0123456789abcdef");
const UPPER = ascii("0123456789ABCDEF");

/**
 * Encodes text for {@linkcode LineWriter.text}; called once, not per packet.
 *
 * @param text Any text.
 * @returns Its UTF-8 bytes.
 */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Size of the pieces in which words are copied. */
export const PIECE = 16;
/** Size of the memory that words share; a longer word has memory of its own. */
const SHARED = 16 * 1024;

/** Memory of the words that are made next, and how much of it is in use. */
let shared = new DataView(new ArrayBuffer(SHARED));
let used = 0;

/**
 * Text that is written often. Words that are made one after the other lie side by side in one
 * memory, where the processor's cache holds them together.
 */
export class Word {
  /** Memory with its text and, up to a whole number of pieces, zeros. */
  readonly view: DataView<ArrayBuffer>;
  /** Offset of its text. */
  readonly start: number;
  /** Number of its bytes. */
  readonly length: number;

  /**
   * Copies a text; called once, not per packet.
   *
   * @param text A text, or its UTF-8 bytes.
   */
  constructor(text: string | Uint8Array) {
    const bytes = typeof text === "string" ? ascii(text) : text;
    const size = Math.ceil(bytes.length / PIECE) * PIECE;
    if (used + size > shared.byteLength) {
      shared = new DataView(new ArrayBuffer(Math.max(SHARED, size)));
      used = 0;
    }
    this.view = shared;
    this.start = used;
    this.length = bytes.length;
    new Uint8Array(shared.buffer).set(bytes, used);
    used += size;
  }

  /** Its UTF-8 bytes. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer, this.start, this.length);
  }
}

/**
 * Writes text into bytes at a position. The caller checks that there is room; nothing is written
 * past the end of `out`, so that it may also compare `at` with the end afterwards. Within `out` some
 * bytes after the text may change: it is stored in larger pieces.
 */
export class LineWriter {
  /** Position of the next character. */
  at = 0;
  #out: Uint8Array = new Uint8Array(0);
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));
  /** The last position at which a whole piece has room. */
  #last = -PIECE;

  /** Destination. */
  get out(): Uint8Array {
    return this.#out;
  }

  set out(out: Uint8Array) {
    if (out === this.#out) return;
    this.#out = out;
    this.#view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    this.#last = out.length - PIECE;
  }

  /** View of the destination. */
  get view(): DataView<ArrayBufferLike> {
    return this.#view;
  }

  /** Writes encoded text. */
  text(characters: Uint8Array): void {
    const { at } = this;
    const out = this.#out;
    for (let i = 0; i < characters.length; i++) out[at + i] = characters[i]!;
    this.at = at + characters.length;
  }

  /** Writes a word: as {@linkcode text}, in less than half the time. */
  word({ view, start, length }: Word): void {
    const { at } = this;
    this.at = at + length;
    if (at + length > this.#last) return this.#wordAtEnd(view, start, length, at);
    const to = this.#view;
    for (let i = 0; i < length; i += PIECE) {
      to.setBigUint64(at + i, view.getBigUint64(start + i, true), true);
      to.setBigUint64(at + i + 8, view.getBigUint64(start + i + 8, true), true);
    }
  }

  /** Writes a word byte by byte, as far as there is room. */
  #wordAtEnd(view: DataView, start: number, length: number, at: number): void {
    const out = this.#out;
    for (let i = 0; i < length; i++) out[at + i] = view.getUint8(start + i);
  }

  /**
   * Writes a rule's prefix. Control characters and marks of bidirectional text are escaped as
   * `\x1b`; tabs stay, and so do letters that are not UTF-8.
   */
  prefix(source: Uint8Array, from: number, length: number): void {
    const out = this.#out;
    const end = from + length;
    let to = this.at;
    for (let at = from; at < end;) {
      const byte = source[at]!;
      if (byte >= SPACE && byte < DEL || byte === TAB) {
        out[to++] = byte;
        at++;
        continue;
      }
      const size = utf8Length(source, at, end);
      const isVisible = size === 0 ? byte >= LATIN_1 : visibleLength(source, at, end) > 0;
      for (const next = at + Math.max(1, size); at < next; at++) {
        if (isVisible) out[to++] = source[at]!;
        else to = escapeByte(out, to, source[at]!);
      }
    }
    this.at = to;
  }

  /** Writes untrusted text; what is no visible UTF-8 is escaped as `\x1b`, byte by byte. */
  visible(source: Uint8Array, from: number, length: number): void {
    const out = this.#out;
    const end = from + length;
    let to = this.at;
    for (let at = from; at < end;) {
      const size = visibleLength(source, at, end);
      if (size === 0) to = escapeByte(out, to, source[at++]!);
      else for (const next = at + size; at < next; at++) out[to++] = source[at]!;
    }
    this.at = to;
  }

  /** Writes a 16-bit number in network byte order in decimal. */
  decimal16(source: Uint8Array, from: number): void {
    const { at } = this;
    if (at <= this.#last) this.at = storeBe16(this.#view, at, source, from);
    else this.#digits(readBe16(source, from));
  }

  /** Writes a 32-bit number in network byte order in decimal. */
  decimal32(source: Uint8Array, from: number): void {
    const { at } = this;
    if (at <= this.#last) this.at = storeBe32(this.#view, at, source, from);
    else this.#digits(readBe32(source, from));
  }

  /** Writes an integer from 0 to 2^53 - 1 in decimal: `%u`. */
  decimal(value: number): void {
    const { at } = this;
    if (value <= 0x7fffffff && at <= this.#last) {
      this.at = storeInteger(this.#view, at, value | 0);
    } else this.#digits(value);
  }

  /** Writes an integer from 0 to 999 in decimal. */
  small(value: number): void {
    const { at } = this;
    if (at <= this.#last) this.at = storeSmall(this.#view, at, value);
    else this.#digits(value);
  }

  /** Writes an integer from 0 to 2^53 - 1 digit by digit. */
  #digits(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    this.padded(value, digits);
  }

  /** Writes a word, a decimal number and a space: `TTL=64 `. */
  number(word: Uint8Array, value: number): void {
    this.text(word);
    this.decimal(value);
    this.out[this.at++] = SPACE;
  }

  /** Writes a number with leading zeros: `%05u`. */
  padded(value: number, digits: number): void {
    const { at } = this;
    this.at = at + digits;
    if (digits === 6 && value < 1e6 && at <= this.#last) {
      const thousands = (value / 1000) | 0;
      storeThree(this.#view, storeThree(this.#view, at, thousands), value - thousands * 1000);
      return;
    }
    const out = this.#out;
    let rest = value;
    for (let i = at + digits - 1; i >= at; i--) {
      const quotient = Math.floor(rest / 10);
      out[i] = ZERO + (rest - quotient * 10);
      rest = quotient;
    }
  }

  /** Writes a 32-bit number in lower-case hexadecimal: `%x`. */
  hex(value: number): void {
    const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
    this.hexPadded(value, digits);
  }

  /** Writes a 32-bit number in lower-case hexadecimal with leading zeros: `%08x`. */
  hexPadded(value: number, digits: number): void {
    const { at } = this;
    const out = this.#out;
    for (let i = 0; i < digits; i++) out[at + i] = LOWER[value >>> (digits - 1 - i) * 4 & 0xf]!;
    this.at = at + digits;
  }

  /** Writes a byte in upper-case hexadecimal: `%02X`. */
  hexUpper(byte: number): void {
    this.out[this.at] = UPPER[byte >> 4]!;
    this.out[this.at + 1] = UPPER[byte & 0xf]!;
    this.at += 2;
  }

  /** Writes bytes in hexadecimal, separated by colons: `02:00:5e:10:00:01`. */
  hardware(source: Uint8Array, from: number, length: number): void {
    const start = this.at;
    if (length > 0 && start + 3 * length <= this.#last) {
      this.at = storeColoned(this.#view, start, source, from, length);
      return;
    }
    const out = this.#out;
    let at = start;
    for (let i = 0; i < length; i++) {
      const byte = source[from + i]!;
      if (i > 0) out[at++] = COLON;
      out[at++] = LOWER[byte >> 4]!;
      out[at++] = LOWER[byte & 0xf]!;
    }
    this.at = at;
  }

  /** Writes an IPv4 address: `192.0.2.1`. */
  ipv4(source: Uint8Array, from: number): void {
    const { at } = this;
    if (at <= this.#last) {
      this.at = storeIpv4(this.#view, at, source, from);
      return;
    }
    for (let i = 0; i < 4; i++) {
      if (i > 0) this.#out[this.at++] = DOT;
      this.#digits(source[from + i]!);
    }
  }

  /** Writes an IPv6 address in full, as the kernel prints it: eight groups of four digits. */
  ipv6Full(source: Uint8Array, from: number): void {
    for (let i = 0; i < 8; i++) {
      if (i > 0) this.out[this.at++] = COLON;
      this.hexPadded(readBe16(source, from + i * 2), 4);
    }
  }

  /**
   * Writes an IPv6 address as `inet_ntop` prints it: the first of the longest runs of two or more
   * zero groups as `::`, the end dotted if the address is IPv4-mapped or IPv4-compatible.
   */
  ipv6(source: Uint8Array, from: number): void {
    this.#ipv6(source, from, true);
  }

  /** Writes an IPv6 address in its canonical form (RFC 5952), as `packet/address.ts` formats it. */
  ipv6Canonical(source: Uint8Array, from: number): void {
    this.#ipv6(source, from, false);
  }

  /** Writes an IPv6 address; where `compatible`, an IPv4-compatible one ends dotted, too. */
  #ipv6(source: Uint8Array, from: number, compatible: boolean): void {
    let start = -1;
    let length = 1;
    for (let i = 0; i < 8; i++) {
      let run = 0;
      while (i + run < 8 && readBe16(source, from + (i + run) * 2) === 0) run++;
      if (run > length) [start, length] = [i, run];
      i += run;
    }
    for (let i = 0; i < 8; i++) {
      if (i === start) {
        this.out[this.at++] = COLON;
        i += length - 1;
        if (i === 7) this.out[this.at++] = COLON;
        continue;
      }
      if (i > 0) this.out[this.at++] = COLON;
      // glibc: a run of six, of five before ffff, or of seven whose end is not 0:1
      const dotted = i === 6 && start === 0 &&
        (compatible && length === 6 || length === 5 && readBe16(source, from + 10) === 0xffff);
      if (dotted) {
        this.ipv4(source, from + 12);
        return;
      }
      this.hex(readBe16(source, from + i * 2));
    }
  }
}
