/** Writer to a named pipe that had no reader when it was opened. */

import { OutputError } from "../../errors.ts";
import type { Delivery, Writer } from "../../output/output.ts";
import type { Loss } from "../../record/loss.ts";

/** Writes once the pipe has a reader; until then a write waits, as for a slow reader. */
export class UnreadPipe implements Writer {
  readonly isStream = true;
  readonly #path: string;
  readonly #opening: Promise<Writer>;
  readonly #noReader = Promise.withResolvers<never>();
  #writer: Writer | undefined;
  #isClosed = false;

  /**
   * Creates it from a pending open.
   *
   * @param path Path of the pipe.
   * @param opening Resolves once there is a reader.
   */
  constructor(path: string, opening: Promise<Writer>) {
    this.#path = path;
    this.#opening = opening;
    this.#noReader.promise.catch(() => {});
    // A write reports why it cannot be opened.
    opening.then((writer) => this.#opened(writer), () => {});
  }

  /** Counters of a writer that has its own. */
  get delivery(): Delivery {
    return this.#writer?.delivery as Delivery;
  }

  /**
   * Writes whole records, once there is a reader.
   *
   * @throws {OutputError} If they could not be written, or the end comes before a reader.
   */
  async write(bytes: Uint8Array, packets: number): Promise<void> {
    await (await this.#reader()).write(bytes, packets);
  }

  /** Records that packets were lost, if the format can express it. */
  async lost(loss: Loss): Promise<void> {
    await (await this.#reader()).lost?.(loss);
  }

  /** Ends the wait for a first reader, who may never come. */
  hurry(): void {
    const message = `Cannot write ${this.#path}: it has no reader`;
    this.#noReader.reject(new OutputError(this.#path, message));
    this.#writer?.hurry?.();
  }

  /** Closes the pipe; its reader sees the end, even if it comes later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writer?.close();
  }

  /** Closes the pipe. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #reader(): Promise<Writer> {
    return this.#writer ?? await Promise.race([this.#opening, this.#noReader.promise]);
  }

  #opened(writer: Writer): void {
    if (this.#isClosed) void writer.close();
    else this.#writer = writer;
  }
}
