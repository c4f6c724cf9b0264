/** Prints ulogd's keys as its plugins GPRINT and OPRINT do: `oob.in=eth0`. */

import { ascii, LineWriter } from "../../text/line.ts";
import type { Key, KeyFormat } from "./key.ts";

const DOT = 0x2e;
/** Text of a value that is a pointer. */
const POINTER = ascii("default");

/** Differences between the two plugins. */
export interface AssignmentStyle {
  /** The byte after each value. */
  end: number;
  /** Whether addresses as numbers are printed from their last byte on. */
  isReversed: boolean;
  /** Whether values that are pointers are printed, as a word. */
  hasPointers: boolean;
}

/** Format of one of the plugins. */
export class AssignmentFormat implements KeyFormat {
  /** The text. */
  readonly line: LineWriter = new LineWriter();
  readonly #end: number;
  readonly #isReversed: boolean;
  readonly #hasPointers: boolean;

  /** Creates the format of one plugin. */
  constructor({ end, isReversed, hasPointers }: AssignmentStyle) {
    this.#end = end;
    this.#isReversed = isReversed;
    this.#hasPointers = hasPointers;
  }

  /** Prints an integer. */
  number(key: Key, value: number): void {
    this.line.word(key.assignment);
    this.line.decimal(value);
    this.#finish();
  }

  /** Prints an integer as it is given. */
  digits(key: Key, digits: Uint8Array): void {
    this.line.word(key.assignment);
    this.line.text(digits);
    this.#finish();
  }

  /** Prints a word for a pointer, or nothing. */
  pointer(key: Key): void {
    if (!this.#hasPointers) return;
    this.line.word(key.assignment);
    this.line.text(POINTER);
    this.#finish();
  }

  /** Prints four bytes; of an IPv6 address these are its first ones. */
  address(key: Key, bytes: Uint8Array, at: number, isReversed: boolean): void {
    const { line } = this;
    const fromEnd = isReversed !== this.#isReversed;
    line.word(key.assignment);
    for (let i = 0; i < 4; i++) {
      if (i > 0) line.out[line.at++] = DOT;
      line.decimal(bytes[fromEnd ? at + 3 - i : at + i]!);
    }
    this.#finish();
  }

  /** Prints a rule's prefix; what would break the line is escaped. */
  prefix(key: Key, bytes: Uint8Array, at: number, length: number): void {
    this.line.word(key.assignment);
    this.line.prefix(bytes, at, length);
    this.#finish();
  }

  /** Prints the name of an interface. */
  name(key: Key, name: Uint8Array): void {
    this.line.word(key.assignment);
    this.line.text(name);
    this.#finish();
  }

  /** Prints an IPv4 address. */
  ipv4(key: Key, bytes: Uint8Array, at: number): void {
    this.line.word(key.assignment);
    this.line.ipv4(bytes, at);
    this.#finish();
  }

  /** Prints an IPv6 address. */
  ipv6(key: Key, bytes: Uint8Array, at: number): void {
    this.line.word(key.assignment);
    this.line.ipv6(bytes, at);
    this.#finish();
  }

  /** Prints a link address or header. */
  hardware(key: Key, bytes: Uint8Array, at: number, length: number): void {
    this.line.word(key.assignment);
    this.line.hardware(bytes, at, length);
    this.#finish();
  }

  #finish(): void {
    const { line } = this;
    line.out[line.at++] = this.#end;
  }
}
