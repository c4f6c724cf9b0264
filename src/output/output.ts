/**
 * Outputs: a writer, privileged, that moves bytes out. The encoder that makes them of
 * records is in `src/record/encoder.ts`.
 *
 * @module
 */

import type { RawPacket } from "../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../record/encoder.ts";
import type { Loss } from "../record/loss.ts";

/** The privileged half of an output: bytes out. */
export interface Writer extends AsyncDisposable {
  /**
   * Writes whole records: all of them, or none and an error. Returns a promise
   * only where writing takes waiting.
   *
   * @param bytes The records; they stay as they are until the promise is settled.
   * @param packets How many of them are packets.
   * @throws {OutputError} If they could not be written; what was there before stays whole.
   */
  write(bytes: Uint8Array, packets: number): void | Promise<void>;
  /** Closes what the writer holds. */
  close(): Promise<void>;
  /** Whether somebody at another end must take the bytes, who may be slow or go away. */
  readonly isStream?: boolean;
  /** Told that the end is near: nothing may be waited for without end any more. */
  hurry?(): void;
  /**
   * Opens its path anew, after somebody moved the file away.
   *
   * @throws {OutputError} If that cannot be; the file before stays in use.
   */
  reopen?(): void | Promise<void>;
  /**
   * What became of packets, where a writer that has taken them is not done with
   * them; without it, what was taken is written.
   */
  readonly delivery?: Delivery;
  /** Notes that packets were lost before those that come next, where the format has a place for it. */
  lost?(loss: Loss): void | Promise<void>;
  /** Further figures for people, by name. */
  figures?(): Record<string, number>;
}

/** What a writer that passes packets on later has done so far. */
export type Delivery = Pick<OutputStats, "written" | "bytes" | "failed" | "dropped" | "spooled">;

/** Where a writer tells what happens. */
export interface OutputLog {
  /** Something that happened as it should. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something that works, but not as asked for. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What is counted at an output. */
export interface OutputStats {
  /** Packets that reached the file. */
  written: number;
  /** Bytes that reached the file. */
  bytes: number;
  /** Packets that could not be written. */
  failed: number;
  /** Packets that were let go because the output was behind. */
  dropped: number;
  /** Packets that wait on disk. */
  spooled: number;
  /** Packets that the filter sent elsewhere. */
  filtered: number;
  /** Lines that the filter script wrote by itself; `bytes` counts them in, `written` does not. */
  emitted: number;
}

/** Nothing counted so far. */
export function noStats(): OutputStats {
  return { written: 0, bytes: 0, failed: 0, dropped: 0, spooled: 0, filtered: 0, emitted: 0 };
}

/** What was counted before a writer, and what it knows of the packets that it has taken. */
export function statsOf(counted: OutputStats, { delivery }: Writer): OutputStats {
  if (delivery === undefined) return { ...counted };
  return {
    ...counted,
    ...delivery,
    failed: counted.failed + delivery.failed,
    dropped: counted.dropped + delivery.dropped,
  };
}

/** What an output collects before it writes, in bytes; any record fits. */
const BATCH_SIZE = 512 * 1024;

/** How an {@linkcode Output} behaves. */
export interface OutputOptions {
  /** Whether every batch reaches the file at once. */
  sync: boolean;
  /** Told about the first packet that the format cannot hold. */
  onUnfit?: (packet: RawPacket) => void;
}

/**
 * An encoder and a writer with the batch between them, and the count of what
 * became of each packet.
 */
export class Output implements AsyncDisposable {
  /** The output's name, for messages and counters. */
  readonly name: string;
  readonly #encoder: Encoder<RawPacket>;
  readonly #writer: Writer;
  readonly #options: OutputOptions;
  readonly #batch = new Uint8Array(BATCH_SIZE);
  #length = 0;
  /** Packets in the batch. */
  #pending = 0;
  /** The write that has the batch, if it takes waiting. */
  #writing: Promise<void> | undefined;
  #unfitSeen = false;
  readonly #stats: OutputStats = noStats();

  /** Joins the two halves. */
  constructor(name: string, encoder: Encoder<RawPacket>, writer: Writer, options: OutputOptions) {
    this.name = name;
    this.#encoder = encoder;
    this.#writer = writer;
    this.#options = options;
  }

  /** Whether every batch reaches the file at once. */
  get sync(): boolean {
    return this.#options.sync;
  }

  /** What has been counted so far. */
  get stats(): OutputStats {
    return statsOf(this.#stats, this.#writer);
  }

  /**
   * Puts a packet into the batch.
   *
   * @returns The record's length in bytes; {@linkcode NO_ROOM}: {@linkcode flush}
   * first and call again; {@linkcode UNFIT}: counted as failed.
   */
  take(packet: RawPacket): number {
    if (this.#writing !== undefined) return NO_ROOM;
    const length = this.#encoder.encode(packet, this.#batch, this.#length);
    if (length >= 0) {
      this.#length += length;
      this.#pending++;
    } else if (length === UNFIT) {
      this.#stats.failed++;
      if (!this.#unfitSeen) this.#options.onUnfit?.(packet);
      this.#unfitSeen = true;
    }
    return length;
  }

  /**
   * Writes the batch. Returns a promise only where writing takes waiting.
   *
   * @throws {OutputError} If it could not be written; its packets are counted as failed.
   */
  flush(): void | Promise<void> {
    if (this.#writing !== undefined) return this.#writing;
    if (this.#pending === 0) return;
    try {
      const writing = this.#writer.write(this.#batch.subarray(0, this.#length), this.#pending);
      if (writing === undefined) return this.#written();
      this.#writing = writing.then(() => this.#written(), (error) => this.#failed(error));
      return this.#writing;
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * Writes the batch, and opens the path anew.
   *
   * @throws {OutputError} If either cannot be.
   */
  async reopen(): Promise<void> {
    await this.flush();
    await this.#writer.reopen?.();
  }

  /** Writes what is left and closes the writer. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#writer.close();
    }
  }

  /** Writes what is left and closes the writer. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #written(): void {
    this.#stats.written += this.#pending;
    this.#stats.bytes += this.#length;
    this.#empty();
  }

  #failed(error: unknown): never {
    this.#stats.failed += this.#pending;
    this.#empty();
    throw error;
  }

  #empty(): void {
    this.#length = 0;
    this.#pending = 0;
    this.#writing = undefined;
  }
}
