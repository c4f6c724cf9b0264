/** Writes text into bytes digit by digit, without strings in between. */

import { readBe16 } from "../bytes/memory.ts";
import { LastView } from "../bytes/write.ts";
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

/** Text that is written often: its bytes, with a view to copy eight of them at a time. */
export class Word {
  /** Its UTF-8 bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes. */
  readonly view: DataView<ArrayBuffer>;

  /** Encodes a text; called once, not per packet. */
  constructor(text: string) {
    this.bytes = new TextEncoder().encode(text).slice();
    this.view = new DataView(this.bytes.buffer);
  }
}

/**
 * Three decimal digits of each number below 1000, from the lowest bits on, and in the highest byte
 * how many of them are no leading zeros.
 */
const THREE_DIGITS: Uint32Array = Uint32Array.from({ length: 1000 }, (_, value) => {
  const [first, second, third] = new TextEncoder().encode(String(value).padStart(3, "0"));
  return (first! | second! << 8 | third! << 16 | String(value).length << 24) >>> 0;
});

/**
 * Writes text into bytes at a position. The caller checks that there is room; nothing is written
 * past the end of `out`, so that it may also compare `at` with the end afterwards.
 */
export class LineWriter {
  /** Destination. */
  out: Uint8Array = new Uint8Array(0);
  /** Position of the next character. */
  at = 0;
  readonly #view = new LastView();

  /** Writes encoded text. */
  text(characters: Uint8Array): void {
    const { out, at } = this;
    for (let i = 0; i < characters.length; i++) out[at + i] = characters[i]!;
    this.at = at + characters.length;
  }

  /**
   * Writes a word: as {@linkcode text}, in less than half the time. One that has no room in `out` is
   * left out, and `at` is past the end then.
   */
  word({ bytes, view }: Word): void {
    const { out, at } = this;
    const last = bytes.length - 8;
    if (last < 0 || at + bytes.length > out.length) {
      for (let i = 0; i < bytes.length; i++) out[at + i] = bytes[i]!;
    } else {
      const to = this.#view.of(out);
      for (let i = 0; i < last; i += 8) {
        to.setBigUint64(at + i, view.getBigUint64(i, true), true);
      }
      // The last eight bytes, some of which were copied already.
      to.setBigUint64(at + last, view.getBigUint64(last, true), true);
    }
    this.at = at + bytes.length;
  }

  /**
   * Writes a rule's prefix. Control characters and marks of bidirectional text are escaped as
   * `\x1b`; tabs stay, and so do letters that are not UTF-8.
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

  /** Writes untrusted text; what is no visible UTF-8 is escaped as `\x1b`, byte by byte. */
  visible(source: Uint8Array, from: number, length: number): void {
    const { out } = this;
    const end = from + length;
    let to = this.at;
    for (let at = from; at < end;) {
      const size = visibleLength(source, at, end);
      if (size === 0) to = escapeByte(out, to, source[at++]!);
      else for (const next = at + size; at < next; at++) out[to++] = source[at]!;
    }
    this.at = to;
  }

  /** Writes an integer from 0 to 2^53 - 1 in decimal: `%u`. */
  decimal(value: number): void {
    if (value < 1000) return this.small(value);
    if (value < 1e6) {
      const thousands = (value / 1000) | 0;
      this.small(thousands);
      this.#three(value - thousands * 1000);
      return;
    }
    if (value < 1e9) {
      const millions = (value / 1e6) | 0;
      this.small(millions);
      this.#six(value - millions * 1e6);
      return;
    }
    const milliards = Math.floor(value / 1e9);
    const rest = value - milliards * 1e9;
    const millions = (rest / 1e6) | 0;
    this.decimal(milliards);
    this.#three(millions);
    this.#six(rest - millions * 1e6);
  }

  /** Writes an integer from 0 to 999 in decimal. */
  small(value: number): void {
    const { out, at } = this;
    const bits = THREE_DIGITS[value]!;
    const length = bits >>> 24;
    const digits = bits >>> 24 - 8 * length;
    out[at] = digits;
    if (length > 1) out[at + 1] = digits >>> 8;
    if (length > 2) out[at + 2] = digits >>> 16;
    this.at = at + length;
  }

  /** Writes a number below 1000 with leading zeros. */
  #three(value: number): void {
    const { out, at } = this;
    const digits = THREE_DIGITS[value]!;
    out[at] = digits;
    out[at + 1] = digits >>> 8;
    out[at + 2] = digits >>> 16;
    this.at = at + 3;
  }

  /** Writes a number below a million with leading zeros. */
  #six(value: number): void {
    const thousands = (value / 1000) | 0;
    this.#three(thousands);
    this.#three(value - thousands * 1000);
  }

  /** Writes a word, a decimal number and a space: `TTL=64 `. */
  number(word: Uint8Array, value: number): void {
    this.text(word);
    this.decimal(value);
    this.out[this.at++] = SPACE;
  }

  /** Writes a number below 2^31 with leading zeros: `%05u`. */
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

  /** Writes a 32-bit number in lower-case hexadecimal: `%x`. */
  hex(value: number): void {
    const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
    this.hexPadded(value, digits);
  }

  /** Writes a 32-bit number in lower-case hexadecimal with leading zeros: `%08x`. */
  hexPadded(value: number, digits: number): void {
    const { out, at } = this;
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

  /** Writes an IPv4 address: `192.0.2.1`. */
  ipv4(source: Uint8Array, from: number): void {
    for (let i = 0; i < 4; i++) {
      if (i > 0) this.out[this.at++] = DOT;
      this.small(source[from + i]!);
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
