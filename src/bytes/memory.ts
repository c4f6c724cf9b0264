/**
 * The memory that packets lie in.
 *
 * @module
 */

/**
 * One stretch of memory seen as bytes, halves and words. Reading words through
 * their own array is the fastest way to read aligned headers; the byte order is
 * the host's, which is little-endian wherever Deno runs.
 */
export class Memory {
  /** Every byte. */
  readonly bytes: Uint8Array;
  /** The same as 16-bit words. */
  readonly halves: Uint16Array;
  /** The same as 32-bit words. */
  readonly words: Uint32Array;
  /** The same for integers in network byte order. */
  readonly view: DataView<ArrayBufferLike>;

  /**
   * Looks at a buffer.
   *
   * @param buffer Its length is a multiple of 4.
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

/** Reads an unsigned 32-bit integer in network byte order. */
export function readBe32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/**
 * Seconds since the Unix epoch of their two words. Until 2038 these are small integers,
 * and are to stay such: V8 keeps a field that once held a product of floats as one.
 */
export function secondsOf(high: number, low: number): number {
  return high === 0 ? low : high * 0x1_0000_0000 + low;
}

/** Whether parts are copied. */
let copies = false;

/**
 * From now on {@linkcode partOf} copies, in this whole process: what it returns may get
 * into hands that must not reach the memory behind it, nor detach it.
 */
export function copyParts(): void {
  copies = true;
}

/**
 * Returns some of the bytes: a view of the memory, or in a sandbox a copy.
 *
 * @param bytes The memory.
 * @param start The first byte.
 * @param end Behind the last one.
 */
export function partOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return copies ? bytes.slice(start, end) : bytes.subarray(start, end);
}
