/**
 * Writes whole records to pipes and standard output.
 *
 * @module
 */

import type { Writer } from "../output.ts";
import { failure } from "./failure.ts";
import type { FileFormat } from "./record_file.ts";

/** Writes whole records to a pipe. */
export class StreamWriter implements Writer {
  /** Always true: a reader must accept the bytes. */
  readonly isStream = true;
  readonly #path: string;
  readonly #file: Deno.FsFile | typeof Deno.stdout;

  private constructor(path: string, file: Deno.FsFile | typeof Deno.stdout) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Writes a format's header.
   *
   * @throws {OutputError} If there is no reader; the pipe is then closed.
   */
  static async begin(
    path: string,
    file: Deno.FsFile | typeof Deno.stdout,
    format: FileFormat,
  ): Promise<StreamWriter> {
    const writer = new StreamWriter(path, file);
    try {
      await writer.write(format.header);
    } catch (error) {
      await writer.close();
      throw error;
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
