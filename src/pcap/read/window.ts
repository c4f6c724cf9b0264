/** Sliding window over the bytes of a capture file. */

/** Size of the window in bytes; parsers need less at a time. */
export const WINDOW_SIZE: number = 1024 * 1024;

/** A window that slides over a stream of bytes. */
export class Window {
  /** Its memory, valid from {@linkcode at} to {@linkcode filled}. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** View of the same memory. */
  readonly view: DataView;
  /** Offset of the first byte that was not consumed yet. */
  at = 0;
  /** Offset after the last valid byte. */
  filled = 0;
  /** Whether no more bytes will come. */
  isLast = false;
  /** Offset of the window in the stream. */
  #base = 0;
  /** Bytes of the stream to skip when they come. */
  #skipping = 0;

  /** Creates a window over memory, which need not be zeroed. */
  constructor(memory: Uint8Array<ArrayBuffer> = new Uint8Array(WINDOW_SIZE)) {
    this.bytes = memory;
    this.view = new DataView(memory.buffer);
  }

  /** Number of available bytes. */
  get left(): number {
    return this.filled - this.at;
  }

  /** Offset in the stream of the first byte that was not consumed yet. */
  get offset(): number {
    return this.#base + this.at + this.#skipping;
  }

  /** Returns whether so many bytes are available. */
  has(length: number): boolean {
    return this.#skipping === 0 && this.filled - this.at >= length;
  }

  /** Number of bytes still to skip. */
  get skipping(): number {
    return this.#skipping;
  }

  /** Consumes so many bytes, some of which may not be available yet. */
  skip(length: number): void {
    const here = Math.min(length, this.filled - this.at);
    this.at += here;
    this.#skipping += length - here;
  }

  /** Returns memory for more bytes; {@linkcode add} then reports how many were written. */
  room(): Uint8Array<ArrayBuffer> {
    if (this.at > 0) {
      this.bytes.copyWithin(0, this.at, this.filled);
      this.#base += this.at;
      this.filled -= this.at;
      this.at = 0;
    }
    return this.bytes.subarray(this.filled);
  }

  /** Adds so many bytes that were written to {@linkcode room}. */
  add(count: number): void {
    this.filled += count;
    const passed = Math.min(this.#skipping, this.filled - this.at);
    this.at += passed;
    this.#skipping -= passed;
  }
}
