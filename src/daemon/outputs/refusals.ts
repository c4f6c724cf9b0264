/**
 * Records that a receiver refuses for good: they are kept, counted and logged at a limited rate.
 */

import { appendToQuarantine, QUARANTINE } from "../../buffer/quarantine.ts";
import type { OutputLog, Writer } from "../../output/output.ts";
import { RefusedError } from "../../output/remote/failure.ts";

/** Least interval between messages, in milliseconds. */
const INTERVAL_MS = 60_000;

/** Handles refused records of one output. */
export class Refusals {
  readonly #log: OutputLog;
  readonly #folder: string | undefined;
  #loggedMs = -Infinity;
  /** Packets refused since the last message. */
  #unlogged = 0;
  #message = "";

  /**
   * Starts without refused records.
   *
   * @param log Receives the messages.
   * @param folder Folder of the quarantine; undefined to only count refused records.
   */
  constructor(log: OutputLog, folder: string | undefined) {
    this.#log = log;
    this.#folder = folder;
  }

  /**
   * Writes a batch.
   *
   * @param writer The writer.
   * @param bytes Whole records.
   * @param packets How many of them are packets.
   * @returns How many packets were refused for good; the others are written.
   * @throws {OutputError} If it must be tried again.
   */
  async write(writer: Writer, bytes: Uint8Array, packets: number): Promise<number> {
    try {
      await writer.write(bytes, packets);
      return 0;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const refused = await this.#keep(error);
      // Lines of the filter's own may be among them.
      return Math.min(packets, refused);
    }
  }

  /** Logs what was not yet logged. */
  close(): void {
    if (this.#unlogged > 0) this.#say(performance.now());
  }

  async #keep({ message, records }: RefusedError): Promise<number> {
    if (this.#folder !== undefined) {
      const time = new Date().toISOString();
      const entries = records.map((record) => ({ time, message, record }));
      await appendToQuarantine(this.#folder, entries, this.#log.warn);
    }
    this.#unlogged += records.length;
    this.#message = message;
    const now = performance.now();
    if (now - this.#loggedMs >= INTERVAL_MS) this.#say(now);
    return records.length;
  }

  #say(nowMs: number): void {
    const place = this.#folder === undefined ? "" : `; they are in ${this.#folder}/${QUARANTINE}`;
    this.#log.warn(`${this.#message}; these packets are counted as failed${place}`, {
      refused: this.#unlogged,
    });
    this.#unlogged = 0;
    this.#loggedMs = nowMs;
  }
}
