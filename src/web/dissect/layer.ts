/** Reads fields of a header one after another, and never beyond the bytes that there are. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { DEPTH_MAX, type Field, FIELDS_MAX } from "./field.ts";
import { decimal, sizeText } from "./values.ts";

/** Bytes of a packet that may be read. */
export class Extent {
  /** Memory with the packet. */
  readonly bytes: Uint8Array;
  /** Offset after the last byte of the packet that is there. */
  readonly end: number;
  /** Reason why there are no more bytes. */
  readonly cut: "captured" | "quoted";
  /** Fields and nested packets that may still be added; shared with packets inside. */
  readonly room: { fields: number; depth: number };
  /** Whether a field was cut off; nothing after it can be read. */
  isTorn = false;

  /** Creates an extent; that of a quoted packet shares the room of the one around it. */
  constructor(bytes: Uint8Array, end: number, around?: Extent) {
    this.bytes = bytes;
    this.end = end;
    this.cut = around === undefined ? "captured" : "quoted";
    this.room = around?.room ?? { fields: FIELDS_MAX, depth: DEPTH_MAX };
  }
}

/**
 * A header, or another part of a packet. Once a field does not fit, this is noted as a field of its
 * own, and everything that is read afterwards is 0 and adds nothing.
 */
export class Layer {
  /** Bytes of the packet. */
  readonly extent: Extent;
  /** Fields so far. */
  readonly fields: Field[] = [];
  /** Offset of the next field. */
  at: number;
  /** Offset after the last byte, as lengths in headers tell; infinite where none does. */
  limit: number;
  /** Whether it contradicts itself, or has no room left for fields. */
  isBroken = false;

  /** Creates a part that begins at an offset. */
  constructor(extent: Extent, at: number, limit: number) {
    this.extent = extent;
    this.at = at;
    this.limit = limit;
  }

  /** Offset after the last byte that is there. */
  get end(): number {
    return Math.min(this.limit, this.extent.end);
  }

  /** Number of bytes that are left to read. */
  get left(): number {
    return this.isOver ? 0 : Math.max(0, this.end - this.at);
  }

  /** Whether nothing more can be read. */
  get isOver(): boolean {
    return this.isBroken || this.extent.isTorn;
  }

  /** Reads a number of up to 4 bytes in network order; returns 0 where it does not fit. */
  number(name: string, size: 1 | 2 | 3 | 4, text: (value: number) => string = decimal): number {
    if (!this.#fits(name, size)) return 0;
    const value = this.peek(0, size);
    this.#add(name, text(value), size);
    this.at += size;
    return value;
  }

  /**
   * Reads bits of the next bytes, which {@linkcode skip} passes over; returns 0 where they do not
   * fit.
   *
   * @param shift Number of less significant bits after them.
   */
  bits(
    name: string,
    size: 1 | 2 | 3 | 4,
    shift: number,
    width: number,
    text: (value: number) => string = decimal,
  ): number {
    if (!this.#fits(name, size)) return 0;
    const value = Math.floor(this.peek(0, size) / 2 ** shift) % 2 ** width;
    this.#add(name, text(value), size);
    return value;
  }

  /** Passes over bytes whose bits were read. */
  skip(size: number): void {
    if (!this.isOver) this.at += size;
  }

  /** Reads bytes. */
  value(name: string, size: number, text: (bytes: Uint8Array, at: number) => string): void {
    if (!this.#fits(name, size)) return;
    this.#add(name, text(this.extent.bytes, this.at), size);
    this.at += size;
  }

  /** Reads bytes that are not decoded; adds nothing for none. */
  data(name: string, size: number): void {
    if (size > 0) this.value(name, size, () => sizeText(size));
  }

  /** Adds all bytes that are left, not decoded. */
  rest(name = "data"): void {
    this.data(name, this.left);
  }

  /** Returns a number ahead, in network order; 0 where it does not fit. */
  peek(offset: number, size: 1 | 2 | 3 | 4): number {
    const at = this.at + offset;
    const { bytes } = this.extent;
    if (this.isOver || at + size > this.end) return 0;
    switch (size) {
      case 1:
        return bytes[at]!;
      case 2:
        return readBe16(bytes, at);
      case 3:
        return bytes[at]! << 16 | readBe16(bytes, at + 1);
      case 4:
        return readBe32(bytes, at);
    }
  }

  /**
   * Reads a part with fields of its own.
   *
   * @param size Number of its bytes, as far as headers tell; infinite where they do not.
   * @param read Reads its fields; returns its value.
   */
  part(name: string, size: number, read: (part: Layer) => string): void {
    if (!this.#fits(name, 0)) return;
    const { at, extent } = this;
    const part = new Layer(extent, at, Math.min(this.limit, at + size));
    const field: Field = { name, value: "", offset: at, length: 0, fields: part.fields };
    extent.room.fields--;
    this.fields.push(field);
    const value = read(part);
    if (Number.isFinite(size)) part.#finish(at + size);
    field.value = value;
    field.length = part.at - at;
    this.at = part.at;
  }

  /** Notes a contradiction; the bytes that are left are not decoded. */
  malformed(reason: string): void {
    if (this.isOver) return;
    this.#mark("malformed", reason);
    this.isBroken = true;
  }

  /** Adds the bytes that are left of a part that ends where its length says. */
  #finish(end: number): void {
    this.rest();
    if (this.at < end) this.#fits("its data", end - this.at);
  }

  /** Returns whether a field fits; notes where it does not. */
  #fits(name: string, size: number): boolean {
    if (this.isOver) return false;
    const needed = this.at + size;
    if (needed > this.limit) {
      this.malformed(`${name} needs ${sizeText(size)}, and ${sizeText(this.left)} are left`);
      return false;
    }
    if (needed > this.extent.end) {
      this.#mark("truncated", `the ${this.extent.cut} bytes end before the end of ${name}`);
      this.extent.isTorn = true;
      return false;
    }
    if (this.extent.room.fields > 0) return true;
    this.isBroken = true;
    return false;
  }

  #mark(name: string, value: string): void {
    const length = Math.max(0, this.end - this.at);
    this.#add(name, value, length);
    this.at += length;
  }

  #add(name: string, value: string, length: number): void {
    this.extent.room.fields--;
    this.fields.push({ name, value, offset: this.at, length });
  }
}
