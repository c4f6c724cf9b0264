/**
 * Interface of an output's privileged half, the writer, which writes bytes. The encoder that makes
 * them of records is in `src/record/encoder.ts`.
 */

import type { RawPacket } from "../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../record/encoder.ts";
import type { Counters, OutputStats } from "../record/counters.ts";
import type { Loss } from "../record/loss.ts";
import type { Origin } from "../record/origin.ts";

/** The privileged half of an output. */
export interface Writer extends AsyncDisposable {
  /**
   * Writes whole records: all of them, or none and throws. Returns a promise only if writing must
   * wait.
   *
   * @param bytes The records; they must not change until the promise is settled.
   * @param packets How many of them are packets.
   * @throws {OutputError} If they could not be written; the previous contents stay complete.
   */
  write(bytes: Uint8Array, packets: number): void | Promise<void>;
  /** Closes the writer's resources. */
  close(): Promise<void>;
  /** Whether a reader must accept the bytes, who may be slow or disappear. */
  readonly isStream?: boolean;
  /** Whether records wait in the queue while they cannot be written: the receiver will be back. */
  readonly isRemote?: boolean;
  /** Duration of collecting records before they are written, in milliseconds; absent for none. */
  readonly gatherMs?: number;
  /** Called shortly before the end: from now on, waits must be bounded. */
  hurry?(): void;
  /**
   * Reopens its path after another program moved the file away.
   *
   * @throws {OutputError} If that fails; the previous file stays in use.
   */
  reopen?(): void | Promise<void>;
  /**
   * Delivery of packets, for a writer that delivers them later; if absent, accepted packets are
   * written.
   */
  readonly delivery?: Delivery;
  /** Problem of a writer that delivers later; undefined if there is none. */
  readonly problem?: WriterProblem | undefined;
  /** Records that packets were lost before the next ones, if the format can express it. */
  lost?(loss: Loss): void | Promise<void>;
  /**
   * Chunks of messages, for a writer that has a spool of its own: it takes records and losses at once,
   * and never throws.
   */
  readonly chunks?: ChunkWriter;
  /**
   * Called with the counters of the whole process, and the output's name there: each second, and a
   * last time before {@linkcode close}.
   */
  report?(counters: Counters, output: string): void;
  /** Returns further figures by name, for display. */
  figures?(): Record<string, number>;
  /** Metrics that /metrics shows beside the counters. */
  readonly metrics?: readonly MetricFamily[];
}

/** Chunks of messages as a writer spools them. */
export interface ChunkWriter {
  /** Begins a chunk: records and losses until its end are part of it. */
  begin(): void;
  /**
   * Ends a chunk.
   *
   * @returns Position in the spool to compare {@linkcode safe} with; Infinity if its sender must keep
   *   it, since nfscribe stops.
   */
  end(origin: Origin): Promise<number>;
  /** Position up to which the spool lasts as long as is asked for. */
  readonly safe: number;
}

/** Metrics with one name, which only grow. */
export interface MetricFamily {
  /** Name, without that of the program. */
  name: string;
  help: string;
  /** Values by labels. */
  samples: readonly { labels: Readonly<Record<string, string>>; value: number }[];
}

/** Problem of a writer that delivers packets later. */
export interface WriterProblem {
  /** Text with what was tried and what is wrong. */
  message: string;
  /** Time of its start, by `performance.now()`; before any time if it lasts until the next start. */
  sinceMs: number;
}

/** Counters of a writer that delivers packets later. */
export type Delivery = Pick<OutputStats, "written" | "bytes" | "failed" | "dropped" | "spooled">;

/** Log of a writer. */
export interface OutputLog {
  /** Logs normal operation. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Logs a problem that does not stop the output. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export type { OutputStats };

/** Returns counters of 0. */
export function noStats(): OutputStats {
  return { written: 0, bytes: 0, failed: 0, dropped: 0, spooled: 0, filtered: 0, emitted: 0 };
}

/**
 * Combines the counters before a writer with the writer's own counters of the packets that it
 * accepted.
 */
export function statsOf(counted: OutputStats, { delivery }: Writer): OutputStats {
  if (delivery === undefined) return { ...counted };
  return {
    ...counted,
    ...delivery,
    failed: counted.failed + delivery.failed,
    dropped: counted.dropped + delivery.dropped,
  };
}

/** Size of an output's batch, in bytes; any record fits. */
const BATCH_SIZE = 512 * 1024;

/** Options of an {@linkcode Output}. */
export interface OutputOptions {
  /** Whether every batch is written at once. */
  sync: boolean;
  /** Called with the first packet that the format cannot hold. */
  onUnfit?: (packet: RawPacket) => void;
}

/** An encoder and a writer with a batch between them, and counters of all packets. */
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
  /** The pending write of the batch. */
  #writing: Promise<void> | undefined;
  #unfitSeen = false;
  readonly #stats: OutputStats = noStats();

  /** Joins an encoder and a writer. */
  constructor(name: string, encoder: Encoder<RawPacket>, writer: Writer, options: OutputOptions) {
    this.name = name;
    this.#encoder = encoder;
    this.#writer = writer;
    this.#options = options;
  }

  /** Whether every batch is written at once. */
  get sync(): boolean {
    return this.#options.sync;
  }

  /** Current counters. */
  get stats(): OutputStats {
    return statsOf(this.#stats, this.#writer);
  }

  /**
   * Adds a packet to the batch.
   *
   * @returns The record's length in bytes; {@linkcode NO_ROOM}: call {@linkcode flush} and try
   *   again; {@linkcode UNFIT}: counted as failed.
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
   * Writes the batch. Returns a promise only if writing must wait.
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
   * Writes the batch, and reopens the path.
   *
   * @throws {OutputError} If either fails.
   */
  async reopen(): Promise<void> {
    await this.flush();
    await this.#writer.reopen?.();
  }

  /** Writes the batch and closes the writer. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#writer.close();
    }
  }

  /** Writes the batch and closes the writer. */
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
