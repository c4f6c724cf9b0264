/** Writes numbers and bytes into memory, without a view that would have to be made. */

/** Up to this many bytes are copied faster by words than by `set`, measured. */
const WORDS_MAX = 256;

/** Writes the integer part of a number, modulo 2^16, little-endian. */
export function writeLe16(out: Uint8Array, at: number, value: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
}

/** Writes the integer part of a number, modulo 2^32, little-endian. */
export function writeLe32(out: Uint8Array, at: number, value: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}

/** Writes the integer part of a number, modulo 2^16, in network byte order. */
export function writeBe16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8;
  out[at + 1] = value;
}

/** Writes the integer part of a number, modulo 2^32, in network byte order. */
export function writeBe32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

/**
 * Caches the view of a memory, for numbers at any offset: memories stay the same for hundreds of
 * packets.
 */
export class LastView {
  #bytes: Uint8Array | undefined;
  #view!: DataView<ArrayBufferLike>;

  /** Returns the view of these bytes. */
  of(bytes: Uint8Array): DataView<ArrayBufferLike> {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}

/**
 * Copies bytes from one memory to another, eight at a time: a loop over bytes takes four times as
 * long, and each call of `set` has a fixed cost.
 */
export class Copier {
  readonly #to = new LastView();
  readonly #from = new LastView();

  /** Copies from `bytes` to `out`. */
  copy(out: Uint8Array, at: number, bytes: Uint8Array, offset: number, length: number): void {
    if (length > WORDS_MAX) return out.set(bytes.subarray(offset, offset + length), at);
    if (length < 8) {
      for (let i = 0; i < length; i++) out[at + i] = bytes[offset + i]!;
      return;
    }
    const to = this.#to.of(out);
    const from = this.#from.of(bytes);
    const last = length - 8;
    for (let i = 0; i < last; i += 8) {
      to.setBigUint64(at + i, from.getBigUint64(offset + i, true), true);
    }
    // The last eight bytes, some of which were copied already.
    to.setBigUint64(at + last, from.getBigUint64(offset + last, true), true);
  }
}

/**
 * Rounds up to a multiple of 4, to which netlink messages and attributes (`NLMSG_ALIGN`,
 * linux/netlink.h) and blocks of pcapng files are padded.
 */
export function wordAlign(length: number): number {
  return (length + 3) & ~3;
}

/** Writes padding up to the next multiple of 4 after a value of `length` bytes from `start` on. */
export function padWord(out: Uint8Array, start: number, length: number): void {
  for (let i = length; i & 3; i++) out[start + i] = 0;
}

/** Joins bytes. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
