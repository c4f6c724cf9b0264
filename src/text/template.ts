/** Texts with fields of headers between them, such as `"port":${u16(0)}`. */

import * as digits from "./digits.ts";
import * as lines from "./line.ts";
import type { LineWriter, Word } from "./line.ts";

// What is imported V8 looks up each time, and what is a module's own it makes part of its code.
const { storeBe16, storeBe32, storeColoned, storeIpv4, storeSmall } = digits;
const { ascii, PIECE } = lines;

/** Kinds of fields. */
const [NONE, U8, U16, U32, IPV4, MAC, CHOICE] = [0, 1, 2, 3, 4, 5, 6] as const;
/** The most characters of a field, by its kind. */
const MOST = [0, 3, 5, 10, 15, 17, 0] as const;

/** A field of a header. */
export interface Field {
  readonly kind: number;
  /** Offset in its header. */
  readonly offset: number;
  /** Whether it is in the second header. */
  readonly isAbove: boolean;
  /** Words that some bits of a byte choose from. */
  readonly words: readonly Word[];
  readonly mask: number;
  readonly shift: number;
}

function field(kind: number, offset: number): Field {
  return { kind, offset, isAbove: false, words: [], mask: 0, shift: 0 };
}

/** Returns a byte in decimal. */
export const u8 = (offset: number): Field => field(U8, offset);
/** Returns a 16-bit number in network byte order in decimal. */
export const u16 = (offset: number): Field => field(U16, offset);
/** Returns a 32-bit number in network byte order in decimal. */
export const u32 = (offset: number): Field => field(U32, offset);
/** Returns an IPv4 address. */
export const ipv4 = (offset: number): Field => field(IPV4, offset);
/** Returns a MAC address. */
export const mac = (offset: number): Field => field(MAC, offset);

/**
 * Returns a text that some bits of a byte choose.
 *
 * @param mask Bits next to each other.
 * @param words A word for each value of these bits.
 */
export function choice(offset: number, mask: number, words: readonly Word[]): Field {
  return { ...field(CHOICE, offset), mask, shift: 31 - Math.clz32(mask & -mask), words };
}

/** Returns a field of the second header. */
export function above(field: Field): Field {
  return { ...field, isAbove: true };
}

/** Bits of a step: the text's length, the kind of the field behind it, and its place. */
const [LENGTH_MAX, KIND_AT, OFFSET_AT, ABOVE] = [0xff, 8, 12, 1 << 24] as const;

/**
 * A text with fields of a header, or of two. One loop writes all templates: it stays in the
 * processor's cache, where code that is written out for each header does not.
 */
export class Template {
  readonly #texts: readonly string[];
  readonly #fields: readonly Field[];
  /** Texts, each filled up to a whole number of pieces, at least one. */
  readonly #memory: DataView<ArrayBuffer>;
  readonly #steps: Int32Array;
  /** The most bytes that are written. */
  readonly #most: number;

  /**
   * Creates a template.
   *
   * @param texts Texts before, between and behind the fields, of at most 255 bytes each.
   * @param fields The fields.
   */
  constructor(texts: readonly string[], fields: readonly Field[]) {
    this.#texts = texts;
    this.#fields = fields;
    const encoded = texts.map(ascii);
    const all = [...fields, field(NONE, 0)];
    const sizes = encoded.map(({ length }) => Math.max(1, Math.ceil(length / PIECE)) * PIECE);
    const memory = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
    let most = PIECE;
    let at = 0;
    this.#steps = Int32Array.from(encoded, (text, n) => {
      const { kind, offset, isAbove, words } = all[n]!;
      if (text.length > LENGTH_MAX) throw new RangeError(`A template has a text of ${text.length}`);
      memory.set(text, at);
      at += sizes[n]!;
      most += text.length + Math.max(MOST[kind]!, ...words.map(({ length }) => length));
      return text.length | kind << KIND_AT | offset << OFFSET_AT | (isAbove ? ABOVE : 0);
    });
    this.#memory = new DataView(memory.buffer);
    this.#most = most;
  }

  /**
   * Joins texts, numbers, fields and templates: a tag of template literals.
   *
   * @example
   * ```ts
   * import { template, u16 } from "./template.ts";
   *
   * const ports = template`"source":${u16(0)},"destination":${u16(2)}`;
   * const header = template`{${ports},"length":${u16(4)}}`;
   * ```
   */
  static of(texts: readonly string[], ...parts: (Field | Template | number)[]): Template {
    const [first, ...rest] = texts;
    const joined = [first!];
    const fields: Field[] = [];
    parts.forEach((part, n) => {
      if (part instanceof Template) {
        const [start, ...others] = part.#texts;
        joined[joined.length - 1] += start!;
        joined.push(...others);
        fields.push(...part.#fields);
        joined[joined.length - 1] += rest[n]!;
      } else if (typeof part === "number") {
        joined[joined.length - 1] += part + rest[n]!;
      } else {
        fields.push(part);
        joined.push(rest[n]!);
      }
    });
    return new Template(joined, fields);
  }

  /** Returns it with all fields in the second header. */
  above(): Template {
    return new Template(this.#texts, this.#fields.map(above));
  }

  /**
   * Writes the text; where there may be no room for it, nothing, and `line.at` is past the end then.
   *
   * @param source Memory of the headers.
   * @param first Offset of the header.
   * @param second Offset of the second header.
   */
  write(line: LineWriter, source: Uint8Array, first: number, second = 0): void {
    let to = line.at | 0;
    if (to + this.#most > line.out.length) {
      line.at = to + this.#most;
      return;
    }
    const out = line.view;
    const memory = this.#memory;
    const steps = this.#steps;
    for (let n = 0, text = 0; n < steps.length; n++) {
      const step = steps[n]!;
      const length = step & LENGTH_MAX;
      out.setBigUint64(to, memory.getBigUint64(text, true), true);
      out.setBigUint64(to + 8, memory.getBigUint64(text + 8, true), true);
      text += PIECE;
      for (let i = PIECE; i < length; i += PIECE, text += PIECE) {
        out.setBigUint64(to + i, memory.getBigUint64(text, true), true);
        out.setBigUint64(to + i + 8, memory.getBigUint64(text + 8, true), true);
      }
      to += length;
      const at = ((step & ABOVE ? second : first) | 0) + (step >> OFFSET_AT & 0xfff);
      switch (step >> KIND_AT & 0xf) {
        case U8:
          to = storeSmall(out, to, source[at]!);
          break;
        case U16:
          to = storeBe16(out, to, source, at);
          break;
        case U32:
          to = storeBe32(out, to, source, at);
          break;
        case IPV4:
          to = storeIpv4(out, to, source, at);
          break;
        case MAC:
          to = storeColoned(out, to, source, at, 6);
          break;
        case CHOICE: {
          const { words, mask, shift } = this.#fields[n]!;
          const word = words[(source[at]! & mask) >> shift]!;
          for (let i = 0; i < word.length; i += PIECE) {
            out.setBigUint64(to + i, word.view.getBigUint64(word.start + i, true), true);
            out.setBigUint64(to + i + 8, word.view.getBigUint64(word.start + i + 8, true), true);
          }
          to += word.length;
        }
      }
    }
    line.at = to;
  }
}

/** Makes a {@linkcode Template} of a template literal. */
export const template: typeof Template.of = Template.of;
