/**
 * Blocks of pcapng files for tests, written field by field in either byte order.
 *
 * @module
 */

import { concat } from "../../packet/sample.ts";

/** Writes blocks of one byte order. */
export class Blocks {
  readonly #littleEndian: boolean;

  constructor(littleEndian = true) {
    this.#littleEndian = littleEndian;
  }

  /** Returns any block: `body` is padded. */
  block(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
    const length = 12 + padded(body.length);
    const bytes = new Uint8Array(length);
    bytes.set(body, 8);
    bytes.set(this.words(type, length));
    bytes.set(this.words(length), length - 4);
    return bytes;
  }

  section(): Uint8Array<ArrayBuffer> {
    const length = this.words(0xffff_ffff, 0xffff_ffff);
    return this.block(
      0x0a0d0d0a,
      concat(this.words(0x1a2b3c4d), this.halves(1, 0), length),
    );
  }

  interface(
    linkType: number,
    options: readonly Uint8Array[] = [],
    snapshot = 0,
  ): Uint8Array<ArrayBuffer> {
    return this.block(1, concat(this.halves(linkType, 0), this.words(snapshot), ...options));
  }

  packet(
    data: Uint8Array,
    { id = 0, upper = 0, lower = 0, captured = data.length, options = [] as Uint8Array[] } = {},
  ): Uint8Array<ArrayBuffer> {
    const head = this.words(id, upper, lower, captured, data.length + 100);
    return this.block(
      6,
      concat(head, data, new Uint8Array(padded(data.length) - data.length), ...options),
    );
  }

  oldPacket(data: Uint8Array, id: number): Uint8Array<ArrayBuffer> {
    const head = concat(this.halves(id, 0), this.words(0, 5_000_000, data.length, data.length));
    return this.block(2, concat(head, data));
  }

  simplePacket(data: Uint8Array, original = data.length): Uint8Array<ArrayBuffer> {
    return this.block(3, concat(this.words(original), data));
  }

  option(code: number, value: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(4 + padded(value.length));
    bytes.set(this.halves(code, value.length));
    bytes.set(value, 4);
    return bytes;
  }

  name(text: string): Uint8Array {
    return this.option(2, new TextEncoder().encode(text));
  }

  words(...values: number[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    values.forEach((value, index) => view.setUint32(4 * index, value, this.#littleEndian));
    return new Uint8Array(view.buffer);
  }

  halves(...values: number[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(2 * values.length));
    values.forEach((value, index) => view.setUint16(2 * index, value, this.#littleEndian));
    return new Uint8Array(view.buffer);
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
