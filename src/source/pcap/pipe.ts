/** Capture files read through a pipe. */

import type { ByteSource } from "./byte_source.ts";
import { PACKED_HEAD, packerOf } from "./packed.ts";
import { unpack } from "./unpack.ts";

/** Methods that Deno's files and standard input share. */
type Stream = Pick<Deno.FsFile, "read" | "close">;

/** A pipe, or another stream that cannot be read twice. */
export class Pipe implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = true;
  /** Bytes read so far. */
  bytesRead = 0;
  readonly #opening: Promise<Stream>;
  #stream: Stream | undefined;
  #closed = false;
  /** Ends the pending read. */
  #end: () => void = () => {};
  /** Bytes that {@linkcode peek} read and {@linkcode read} has not returned yet. */
  #ahead = new Uint8Array(0);

  /** Creates it from a pending open, which may take long; a read waits for it. */
  constructor(opening: Promise<Stream>) {
    this.#opening = opening;
    // A read reports why it cannot be opened.
    opening.then((stream) => this.#opened(stream), () => {});
  }

  /** Returns the first bytes without consuming them. */
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

  /** Reads the bytes from {@linkcode peek}, then new ones. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const length = Math.min(this.#ahead.length, buffer.length);
    if (length === 0) return this.#take(buffer);
    buffer.set(this.#ahead.subarray(0, length));
    this.#ahead = this.#ahead.slice(length);
    return Promise.resolve(length);
  }

  /** Closes it; a pending read ends. */
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
 * A pipe whose writer may take long to open it or to write: only a read waits for that. Its first
 * bytes show whether and how it is compressed.
 */
export class LivePipe implements ByteSource {
  readonly mayWait = true;
  readonly #pipe: Pipe;
  #unpacked: ByteSource | undefined;

  /** Creates it over a pipe, which is closed with it. */
  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Whether it is compressed, as far as is known. */
  get isUnpacked(): boolean {
    return this.#unpacked?.isUnpacked === true;
  }

  /** Bytes read from the pipe. */
  get bytesRead(): number {
    return this.#pipe.bytesRead;
  }

  /** Reads decompressed bytes. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    this.#unpacked ??= await this.#begin();
    return await this.#unpacked.read(buffer);
  }

  async #begin(): Promise<ByteSource> {
    const packer = packerOf(await this.#pipe.peek());
    return packer === undefined ? this.#pipe : await unpack(packer, this.#pipe);
  }

  /** Closes it; a pending read ends. */
  close(): void {
    (this.#unpacked ?? this.#pipe).close();
  }
}
