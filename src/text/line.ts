/**
 * Text written digit by digit into bytes: no string is made on the way.
 *
 * @module
 */

import { readBe16 } from "../bytes/memory.ts";
import { escapeByte, utf8Length, visibleLength } from "./utf8.ts";

const TAB = 0x09;
const SPACE = 0x20;
const DEL = 0x7f;
/** From here on bytes are letters in the encodings of one byte that came before UTF-8. */
const LATIN_1 = 0xa0;
const ZERO = 0x30;
const COLON = 0x3a;
const DOT = 0x2e;
const LOWER = ascii("0123456789abcdef");
const UPPER = ascii("0123456789ABCDEF");

/** Up to this number integer division by 10 is done in 32 bits. */
const INT32_MAX = 0x7fff_ffff;

/**
 * Text as bytes, for {@linkcode LineWriter.text}; made once, not per packet.
 *
 * @param text Any text.
 * @returns Its UTF-8 bytes.
 */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Writes text into bytes from a place on. There must be room: ask before. */
export class LineWriter {
  /** Where the text goes. */
  out: Uint8Array = new Uint8Array(0);
  /** Where the next character goes. */
  at = 0;

  /** Characters made beforehand. */
  text(characters: Uint8Array): void {
    const { out, at } = this;
    for (let i = 0; i < characters.length; i++) out[at + i] = characters[i]!;
    this.at = at + characters.length;
  }

  /**
   * A rule's prefix: as it is, but for control characters and marks of bidirectional
   * text, which are written as `\x1b`. Tabs stay, as do letters that are no UTF-8.
   */
  prefix(source: Uint8Array, from: number, length: number): void {
    const { out } = this;
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

  /** A whole number from 0 to 2^32 - 1, in decimal: `%u`. */
  decimal(value: number): void {
    if (value > INT32_MAX) {
      const head = Math.floor(value / 100_000);
      this.decimal(head);
      this.padded(value - head * 100_000, 5);
      return;
    }
    let digits = 1;
    for (let bound = 10; value >= bound && digits < 10; bound *= 10) digits++;
    this.padded(value, digits);
  }

  /** A word, a number in decimal and a space: `TTL=64 `. */
  number(word: Uint8Array, value: number): void {
    this.text(word);
    this.decimal(value);
    this.out[this.at++] = SPACE;
  }

  /** A number below 2^31 with leading zeros to so many digits: `%05u`. */
  padded(value: number, digits: number): void {
    const { out, at } = this;
    let rest = value;
    for (let i = at + digits - 1; i >= at; i--) {
      const quotient = (rest / 10) | 0;
      out[i] = ZERO + rest - quotient * 10;
      rest = quotient;
    }
    this.at = at + digits;
  }

  /** A 32-bit number in lower-case hexadecimal: `%x`. */
  hex(value: number): void {
    const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
    this.hexPadded(value, digits);
  }

  /** A 32-bit number in lower-case hexadecimal, with so many digits: `%08x`. */
  hexPadded(value: number, digits: number): void {
    const { out, at } = this;
    for (let i = 0; i < digits; i++) out[at + i] = LOWER[value >>> (digits - 1 - i) * 4 & 0xf]!;
    this.at = at + digits;
  }

  /** A byte in upper-case hexadecimal: `%02X`. */
  hexUpper(byte: number): void {
    this.out[this.at] = UPPER[byte >> 4]!;
    this.out[this.at + 1] = UPPER[byte & 0xf]!;
    this.at += 2;
  }

  /** Bytes in hexadecimal with colons between: `02:00:5e:10:00:01`. */
  hardware(source: Uint8Array, from: number, length: number): void {
    const { out } = this;
    let { at } = this;
    for (let i = 0; i < length; i++) {
      const byte = source[from + i]!;
      if (i > 0) out[at++] = COLON;
      out[at++] = LOWER[byte >> 4]!;
      out[at++] = LOWER[byte & 0xf]!;
    }
    this.at = at;
  }

  /** An IPv4 address: `192.0.2.1`. */
  ipv4(source: Uint8Array, from: number): void {
    for (let i = 0; i < 4; i++) {
      if (i > 0) this.out[this.at++] = DOT;
      this.decimal(source[from + i]!);
    }
  }

  /** An IPv6 address in full, as the kernel prints it: eight groups of four digits. */
  ipv6Full(source: Uint8Array, from: number): void {
    for (let i = 0; i < 8; i++) {
      if (i > 0) this.out[this.at++] = COLON;
      this.hexPadded(readBe16(source, from + i * 2), 4);
    }
  }

  /**
   * An IPv6 address as `inet_ntop` prints it: the first of the longest runs of
   * two and more zero groups as `::`, the end dotted where the address is
   * IPv4-mapped, or IPv4-compatible.
   */
  ipv6(source: Uint8Array, from: number): void {
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
        (length === 6 || length === 5 && readBe16(source, from + 10) === 0xffff);
      if (dotted) {
        this.ipv4(source, from + 12);
        return;
      }
      this.hex(readBe16(source, from + i * 2));
    }
  }
}
