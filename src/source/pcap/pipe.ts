/**
 * Capture files that come through a pipe.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import { PACKED_HEAD, packerOf } from "./packed.ts";
import { unpack } from "./unpack.ts";

/** What Deno's files and standard input have in common. */
type Stream = Pick<Deno.FsFile, "read" | "close">;

/** Anything that is read as it comes. */
export class Pipe implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = true;
  /** Bytes that came through it. */
  bytesRead = 0;
  readonly #opening: Promise<Stream>;
  #stream: Stream | undefined;
  #closed = false;
  /** Ends the read that waits. */
  #end: () => void = () => {};
  /** Bytes that were looked at and not handed over. */
  #ahead = new Uint8Array(0);

  /** Makes it from what is being opened, which may take long: a read waits for it. */
  constructor(opening: Promise<Stream>) {
    this.#opening = opening;
    // Whoever reads is told why it cannot be opened.
    opening.then((stream) => this.#opened(stream), () => {});
  }

  /** Looks at the first bytes. */
  async peek(): Promise<Uint8Array> {
    const ahead = new Uint8Array(65_536);
    let length = 0;
    while (length < PACKED_HEAD) {
      const count = await this.#take(ahead.subarray(length));
      if (count === null) break;
      length += count;
    }
    return this.#ahead = ahead.slice(0, length);
  }

  /** Reads what was looked at, then what comes. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const length = Math.min(this.#ahead.length, buffer.length);
    if (length === 0) return this.#take(buffer);
    buffer.set(this.#ahead.subarray(0, length));
    this.#ahead = this.#ahead.slice(length);
    return Promise.resolve(length);
  }

  /** Closes it; a read that waits ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end();
    this.#stream?.close();
    this.#stream = undefined;
  }

  #take(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#end = () => resolve(null);
      this.#takeNow(buffer).then(resolve, reject);
    });
  }

  async #takeNow(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    await this.#opening;
    const count = await this.#stream?.read(buffer) ?? null;
    this.bytesRead += count ?? 0;
    return count;
  }

  #opened(stream: Stream): void {
    if (this.#closed) stream.close();
    else this.#stream = stream;
  }
}

/**
 * A pipe that its writer may take long to open, or to write into: nothing waits for
 * that but a read. Its first bytes tell whether and by what it was packed.
 */
export class LivePipe implements ByteSource {
  readonly mayWait = true;
  readonly #pipe: Pipe;
  #unpacked: ByteSource | undefined;

  /** Makes it over a pipe, which it closes with itself. */
  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Whether it was packed, as far as is known. */
  get isUnpacked(): boolean {
    return this.#unpacked?.isUnpacked === true;
  }

  /** Bytes that came through the pipe. */
  get bytesRead(): number {
    return this.#pipe.bytesRead;
  }

  /** Reads what comes, unpacked. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    this.#unpacked ??= await this.#begin();
    return await this.#unpacked.read(buffer);
  }

  async #begin(): Promise<ByteSource> {
    const packer = packerOf(await this.#pipe.peek());
    return packer === undefined ? this.#pipe : await unpack(packer, this.#pipe);
  }

  /** Closes it; a read that waits ends. */
  close(): void {
    (this.#unpacked ?? this.#pipe).close();
  }
}
