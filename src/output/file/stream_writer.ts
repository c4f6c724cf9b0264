/** Writes whole records to pipes and standard output. */

import type { Writer } from "../output.ts";
import { failure } from "./failure.ts";
import type { FileFormat } from "./record_file.ts";

/** Time for the reader to take the header of a format before the start continues, in milliseconds. */
const BEGIN_MS = 500;
/** Longest wait for a reader that must still accept the trailer, in milliseconds. */
const TRAILER_MS = 1000;

/** Writes whole records to a pipe. */
export class StreamWriter implements Writer {
  /** Always true: a reader must accept the bytes. */
  readonly isStream = true;
  readonly #path: string;
  readonly #file: Deno.FsFile | typeof Deno.stdout;
  /** Write of the format's header. */
  #begun: Promise<void> | undefined;
  readonly #trailer: Uint8Array | undefined;
  /** Whether the header was written, and nothing is being written. */
  #isIdle = false;

  private constructor(
    path: string,
    file: Deno.FsFile | typeof Deno.stdout,
    { trailer }: FileFormat,
  ) {
    this.#path = path;
    this.#file = file;
    this.#trailer = trailer;
  }

  /**
   * Writes a format's header. A reader that hangs delays the start by half a second at the most.
   *
   * @throws {OutputError} If there is no reader; the pipe is then closed.
   */
  static async begin(
    path: string,
    file: Deno.FsFile | typeof Deno.stdout,
    format: FileFormat,
  ): Promise<StreamWriter> {
    const writer = new StreamWriter(path, file, format);
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, BEGIN_MS);
    const begun = writer.write(format.header);
    // What follows waits for it, and fails as it does.
    writer.#begun = begun;
    begun.catch(() => {});
    try {
      await Promise.race([begun, patience]);
    } catch (error) {
      await writer.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    format.opens?.(true);
    return writer;
  }

  /**
   * Writes whole records when the reader accepts them.
   *
   * @throws {OutputError} If they could not be written.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#isIdle = false;
    await this.#begun;
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
      this.#isIdle = true;
    } catch (error) {
      throw failure(this.#path, "write", error);
    }
  }

  /** Writes the format's trailer and closes the pipe; standard output stays open. */
  async close(): Promise<void> {
    if (this.#trailer !== undefined && this.#isIdle) await this.#end(this.#trailer);
    if (this.#file !== Deno.stdout) (this.#file as Deno.FsFile).close();
  }

  /** Writes the trailer if the reader accepts it soon. */
  async #end(trailer: Uint8Array): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, TRAILER_MS);
    // Without a reader the end of the document does not matter.
    await Promise.race([this.write(trailer).catch(() => {}), late]);
    clearTimeout(timer);
  }

  /** Closes the pipe. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
