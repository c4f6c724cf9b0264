/**
 * Writes whole records to pipes and standard output.
 *
 * @module
 */

import type { Writer } from "../output.ts";
import { failure } from "./failure.ts";
import type { FileFormat } from "./record_file.ts";

/** Time for the reader to take the header of a format before the start continues, in milliseconds. */
const BEGIN_MS = 500;

/** Writes whole records to a pipe. */
export class StreamWriter implements Writer {
  /** Always true: a reader must accept the bytes. */
  readonly isStream = true;
  readonly #path: string;
  readonly #file: Deno.FsFile | typeof Deno.stdout;
  /** Write of the format's header. */
  #begun: Promise<void> | undefined;

  private constructor(path: string, file: Deno.FsFile | typeof Deno.stdout) {
    this.#path = path;
    this.#file = file;
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
    const writer = new StreamWriter(path, file);
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
    await this.#begun;
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      throw failure(this.#path, "write", error);
    }
  }

  /** Closes the pipe; standard output stays open. */
  close(): Promise<void> {
    if (this.#file !== Deno.stdout) (this.#file as Deno.FsFile).close();
    return Promise.resolve();
  }

  /** Closes the pipe. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
