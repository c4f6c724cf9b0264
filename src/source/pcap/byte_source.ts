/**
 * Where the bytes of a capture file come from: a file, a growing file, a pipe,
 * standard input, and any of them unpacked.
 *
 * @module
 */

import { STANDARD_INPUT } from "./options.ts";
import { isGzip } from "./parser.ts";

/** How often a growing file is looked at, in milliseconds. */
const FOLLOW_MS = 100;

/** Gives bytes, one behind the other. */
export interface ByteSource {
  /**
   * Reads without waiting; only files have this.
   *
   * @returns How many bytes came; 0 where none is there yet, null where none will come.
   */
  readSync?(buffer: Uint8Array<ArrayBuffer>): number | null;
  /** Reads, and waits until there is something; null where nothing will come. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** Whether the file was exchanged for another one, which then is read from its beginning. */
  moved?(): boolean;
  /** Gives it up; a read that waits ends then. */
  close(): void;
}

/** What Deno's files and standard input have in common. */
type Stream = Pick<Deno.FsFile, "read">;

/**
 * Opens a capture file.
 *
 * @param path The file; `-` is standard input.
 * @param follow Whether a file grows.
 * @param warn Told if a growing file was cut or exchanged.
 * @throws What Deno says, or an error whose message stands behind a colon.
 */
export async function openBytes(
  path: string,
  follow: boolean,
  warn: (message: string) => void,
): Promise<ByteSource> {
  if (path === STANDARD_INPUT) return await unpacked(new PipeSource(Deno.stdin, () => {}));
  const { isFile, isDirectory } = await Deno.stat(path);
  if (isDirectory) throw new Deno.errors.IsADirectory();
  if (follow && !isFile) throw new Error("it is no regular file, and only such a file can grow");
  // Opening a pipe waits until somebody writes into it.
  const file = await Deno.open(path);
  try {
    if (!isFile) return await unpacked(new PipeSource(file, () => file.close()));
    const head = new Uint8Array(2);
    const isPacked = isGzip(head.subarray(0, await file.read(head) ?? 0));
    await file.seek(0, Deno.SeekMode.Start);
    if (follow && isPacked) throw new Error("it is compressed with gzip, and cannot be followed");
    if (follow) return new GrowingFile(path, file, warn);
    return isPacked
      ? await unpacked(new PipeSource(file, () => file.close()))
      : new WholeFile(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A regular file, up to its end. */
class WholeFile implements ByteSource {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  readSync(buffer: Uint8Array<ArrayBuffer>): number | null {
    return this.#file.readSync(buffer);
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#file.read(buffer);
  }

  close(): void {
    this.#file.close();
  }
}

/** A regular file that somebody appends to; one that takes its place is read next. */
class GrowingFile implements ByteSource {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #file: Deno.FsFile;
  #position = 0;
  #moved = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(path: string, file: Deno.FsFile, warn: (message: string) => void) {
    this.#path = path;
    this.#file = file;
    this.#warn = warn;
  }

  readSync(buffer: Uint8Array<ArrayBuffer>): number | null {
    if (this.#closed) return null;
    // What was read before is another file's.
    if (this.#moved) return 0;
    const count = this.#file.readSync(buffer) ?? 0;
    this.#position += count;
    if (count === 0) this.#look();
    return count;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const count = this.readSync(buffer);
      if (count !== 0 || this.#moved) return count;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, FOLLOW_MS);
      await promise;
      clearTimeout(timer);
    }
  }

  moved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#wake?.();
  }

  /** Whether the file was cut, or another one took its place. */
  #look(): void {
    const open = this.#file.statSync();
    if (open.size < this.#position) return this.#begin("was cut");
    let there: Deno.FileInfo;
    try {
      there = Deno.statSync(this.#path);
    } catch (error) {
      // It comes back, as a rotated file does.
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    if (there.isFile && (there.ino !== open.ino || there.dev !== open.dev)) {
      this.#begin("was exchanged for another one");
    }
  }

  #begin(what: string): void {
    const file = Deno.openSync(this.#path);
    this.#file.close();
    this.#file = file;
    this.#position = 0;
    this.#moved = true;
    this.#warn(`${this.#path} ${what}; it is read from its beginning`);
  }
}

/** A pipe, or anything else that is read as it comes. */
class PipeSource implements ByteSource {
  readonly #stream: Stream;
  readonly #close: () => void;
  readonly #end = Promise.withResolvers<null>();
  /** Bytes that were looked at and not handed over. */
  #ahead = new Uint8Array(0);

  constructor(stream: Stream, close: () => void) {
    this.#stream = stream;
    this.#close = close;
  }

  /** Looks at the first bytes. */
  async peek(): Promise<Uint8Array> {
    const ahead = new Uint8Array(65_536);
    let length = 0;
    while (length < 2) {
      const count = await this.#stream.read(ahead.subarray(length));
      if (count === null) break;
      length += count;
    }
    return this.#ahead = ahead.slice(0, length);
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const length = Math.min(this.#ahead.length, buffer.length);
    if (length === 0) return Promise.race([this.#stream.read(buffer), this.#end.promise]);
    buffer.set(this.#ahead.subarray(0, length));
    this.#ahead = this.#ahead.slice(length);
    return Promise.resolve(length);
  }

  close(): void {
    this.#end.resolve(null);
    this.#close();
  }
}

/** Unpacks what is packed. */
async function unpacked(source: PipeSource): Promise<ByteSource> {
  return isGzip(await source.peek()) ? await GunzipSource.over(source) : source;
}

/** What gzip compressed (RFC 1952), unpacked as it comes. */
class GunzipSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  private constructor(source: ByteSource, chunks: AsyncIterator<Uint8Array>) {
    this.#source = source;
    this.#chunks = chunks;
  }

  static async over(source: ByteSource): Promise<GunzipSource> {
    // Others need not have its memory.
    const { createGunzip } = await import("node:zlib");
    const { Readable } = await import("node:stream");
    const unpacking = Readable.from(packedChunks(source)).pipe(createGunzip());
    return new GunzipSource(source, unpacking[Symbol.asyncIterator]());
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#next();
      if (done === true) return null;
      this.#chunk = value;
    }
    const length = Math.min(this.#chunk.length, buffer.length);
    buffer.set(this.#chunk.subarray(0, length));
    this.#chunk = this.#chunk.subarray(length);
    return length;
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#chunks.next();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`what gzip packed is damaged: ${why}`, { cause });
    }
  }

  close(): void {
    this.#source.close();
  }
}

async function* packedChunks(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = new Uint8Array(65_536);
    const count = await source.read(buffer);
    if (count === null) return;
    yield buffer.subarray(0, count);
  }
}
