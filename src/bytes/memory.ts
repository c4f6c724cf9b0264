/** Views of the memory that holds packets, and reads in network byte order. */

/**
 * A buffer seen as bytes, 16-bit and 32-bit words. Reading words through an array of their own is
 * the fastest way to read aligned headers. The byte order is the host's, which is little-endian
 * wherever Deno runs.
 */
export class Memory {
  /** All bytes of the buffer. */
  readonly bytes: Uint8Array;
  /** The buffer as 16-bit words. */
  readonly halves: Uint16Array;
  /** The buffer as 32-bit words. */
  readonly words: Uint32Array;
  /** Access to integers in network byte order. */
  readonly view: DataView<ArrayBufferLike>;

  /**
   * Creates the views of a buffer.
   *
   * @param buffer Memory whose length is a multiple of 4.
   */
  constructor(buffer: ArrayBufferLike) {
    this.bytes = new Uint8Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.words = new Uint32Array(buffer);
    this.view = new DataView(buffer);
  }
}

/** Reads a 16-bit integer in network byte order. */
export function readBe16(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}

/** Reads a 16-bit number in little-endian byte order. */
export function readLe16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8;
}

/** Reads an unsigned 32-bit integer in little-endian byte order. */
export function readLe32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}

/** Reads an unsigned 32-bit integer in network byte order. */
export function readBe32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/** Returns the length of a text before its first NUL, at most as many bytes as given. */
export function textLength(bytes: Uint8Array, at: number, most: number): number {
  let length = 0;
  while (length < most && bytes[at + length] !== 0) length++;
  return length;
}

/**
 * Joins the two words of a 64-bit number of seconds since the Unix epoch. Until 2038 the result is
 * a small integer and must stay one: V8 stores a field that once held the product of floats as a
 * float.
 */
export function secondsOf(high: number, low: number): number {
  return high === 0 ? low : high * 0x1_0000_0000 + low;
}

/** Whether {@linkcode partOf} copies. */
let copies = false;

/**
 * Makes {@linkcode partOf} copy from now on, in the whole process: its result may reach a filter,
 * which must not get at the memory behind it, nor detach it.
 */
export function copyParts(): void {
  copies = true;
}

/**
 * Returns part of the bytes: a view of the memory, or in a sandbox a copy.
 *
 * @param start Offset of the first byte.
 * @param end Offset after the last byte.
 */
export function partOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return copies ? bytes.slice(start, end) : bytes.subarray(start, end);
}
