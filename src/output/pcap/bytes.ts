/**
 * Numbers and bytes into memory, without a view that would have to be made.
 *
 * @module
 */

/** Up to this many bytes a plain loop copies faster than `set`, measured. */
const LOOP_MAX = 256;

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

/** Copies bytes from one memory to another. */
export function copyBytes(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  if (length <= LOOP_MAX) {
    for (let i = 0; i < length; i++) out[at + i] = bytes[offset + i]!;
  } else {
    out.set(bytes.subarray(offset, offset + length), at);
  }
}

/** Rounds up to a multiple of 4, to which blocks and attributes are padded. */
export function wordAlign(length: number): number {
  return (length + 3) & ~3;
}

/** Writes zeros up to the next multiple of 4 behind a value, as a `length` of bytes from `start` on. */
export function padWord(out: Uint8Array, start: number, length: number): void {
  for (let i = length; i & 3; i++) out[start + i] = 0;
}
