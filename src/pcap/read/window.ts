/**
 * The part of a capture file that is looked at.
 *
 * @module
 */

/** Bytes that are held; whatever is asked for at once is less. */
export const WINDOW_SIZE: number = 1024 * 1024;

/** A window that slides over a stream of bytes. */
export class Window {
  /** What it shows, from {@linkcode at} to {@linkcode filled}. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory. */
  readonly view: DataView;
  /** The first byte that was not taken yet. */
  at = 0;
  /** Behind the last byte that is there. */
  filled = 0;
  /** Whether nothing more will come. */
  isLast = false;
  /** Where the window begins in the stream. */
  #base = 0;
  /** Bytes of the stream that are passed over when they come. */
  #skipping = 0;

  /** Makes a window over memory, which need not be clean. */
  constructor(memory: Uint8Array<ArrayBuffer> = new Uint8Array(WINDOW_SIZE)) {
    this.bytes = memory;
    this.view = new DataView(memory.buffer);
  }

  /** Bytes that are there. */
  get left(): number {
    return this.filled - this.at;
  }

  /** The place in the stream of what was not taken yet. */
  get offset(): number {
    return this.#base + this.at + this.#skipping;
  }

  /** Whether so many bytes are there. */
  has(length: number): boolean {
    return this.#skipping === 0 && this.filled - this.at >= length;
  }

  /** Bytes that are still to be passed over. */
  get skipping(): number {
    return this.#skipping;
  }

  /** Takes so many bytes, some of which may not be there yet. */
  skip(length: number): void {
    const here = Math.min(length, this.filled - this.at);
    this.at += here;
    this.#skipping += length - here;
  }

  /** Where more bytes go; {@linkcode add} then tells how many came. */
  room(): Uint8Array<ArrayBuffer> {
    if (this.at > 0) {
      this.bytes.copyWithin(0, this.at, this.filled);
      this.#base += this.at;
      this.filled -= this.at;
      this.at = 0;
    }
    return this.bytes.subarray(this.filled);
  }

  /** So many bytes came. */
  add(count: number): void {
    this.filled += count;
    const passed = Math.min(this.#skipping, this.filled - this.at);
    this.at += passed;
    this.#skipping -= passed;
  }
}
