/** The privileged half of the pcap source: reads the bytes of a capture file. */

import { wordAlign } from "../../bytes/write.ts";
import type { InterfaceTable } from "../../packet/interface.ts";
import { type Moment, NOTHING_QUEUED, type Reader } from "../source.ts";
import type { ByteSource } from "./byte_source.ts";
import { openBytes } from "./open_bytes.ts";
import { FileRecords } from "./file_records.ts";
import { RECORD_HEADER } from "../../pcap/read/layout.ts";
import { openError } from "./open_error.ts";
import type { PcapSourceOptions } from "./options.ts";
import { limitedWarnings } from "./limited_warnings.ts";
import { Pace } from "./pace.ts";

/** Options that concern the reader. */
export type PcapReaderOptions =
  & { path: string }
  & Partial<Pick<PcapSourceOptions, "follow" | "pace">>;

/** Returns the pace to replay at; undefined for full speed. */
export function paceOf({ pace }: Pick<PcapReaderOptions, "pace">): Pace | undefined {
  return pace === "recorded" ? new Pace() : undefined;
}

/**
 * Reads the records of a capture file and returns many at a time, in the form of `layout.ts`. Of a
 * damaged file it returns every record before the damage.
 */
export class PcapReader implements Reader {
  /** Always 0: a file has one writer. */
  readonly foreign = 0;
  /** Always 0: a file drops nothing. */
  readonly droppedDatagrams = 0;
  /** Always 0: the records have their own times. */
  readonly clock: Moment = { seconds: 0, nanoseconds: 0 };

  readonly #bytes: ByteSource;
  readonly #records: FileRecords;
  readonly #pace: Pace | undefined;
  /** Milliseconds until the current record is due. */
  #waitMs = 0;
  #closed = false;
  #wake = Promise.withResolvers<void>();

  private constructor(bytes: ByteSource, records: FileRecords, pace: Pace | undefined) {
    this.#bytes = bytes;
    this.#records = records;
    this.#pace = pace;
  }

  /**
   * Opens a capture file and reads its header; that of a pipe or a growing file is read later.
   *
   * @param options Checked options.
   * @param warn Receives warnings about damage in the file when it is reached.
   * @param pace Pace that several files read in turn share.
   * @returns The reader.
   * @throws {InputError} If the file cannot be opened, or has an unsupported format; the message
   *   says why and what to do.
   */
  static async open(
    options: PcapReaderOptions,
    warn: (message: string) => void,
    pace: Pace | undefined = paceOf(options),
  ): Promise<PcapReader> {
    const { path, follow = false } = options;
    let bytes: ByteSource | undefined;
    let records: FileRecords | undefined;
    const told = follow ? limitedWarnings(warn, () => records?.count ?? 0) : warn;
    try {
      bytes = await openBytes(path, follow, told);
      records = new FileRecords(path, bytes, told);
      if (!bytes.mayWait) await records.begin();
      else if (follow) records.beginIfThere();
      return new PcapReader(bytes, records, pace);
    } catch (error) {
      bytes?.close();
      throw openError(path, error);
    }
  }

  /** Whether the file's end was reached, or {@linkcode stop} called. */
  get ended(): boolean {
    return this.#records.ended;
  }

  /** Whether bytes come from a pipe or a decompressor, and the end was not reached. */
  get needsEventLoop(): boolean {
    return this.#bytes.readSync === undefined && !this.ended;
  }

  /** Bytes of the file read so far. */
  get bytesRead(): number | undefined {
    return this.#bytes.bytesRead;
  }

  /** The interfaces that the file names, by numbers of the reader's own. */
  get interfaces(): InterfaceTable {
    return this.#records.interfaces;
  }

  /**
   * Reads as many whole records as fit.
   *
   * @param buffer Destination, in the form of `layout.ts`; it begins at a multiple of 4.
   * @returns Their length in bytes, or {@linkcode NOTHING_QUEUED}: the file has ended, or
   *   {@linkcode wait} is needed.
   * @throws {InputError} If the system cannot read the file.
   */
  receive(buffer: Uint8Array): number {
    if (this.ended) return NOTHING_QUEUED;
    const length = this.#fill(buffer);
    // The next call meets the end, or the damage, again.
    return length > 0 ? length : NOTHING_QUEUED;
  }

  /** Waits until there may be records to receive. */
  async wait(): Promise<void> {
    if (this.ended) return;
    if (this.#waitMs > 0) {
      const timer = setTimeout(this.#wake.resolve, this.#waitMs);
      await this.#wake.promise;
      clearTimeout(timer);
    } else if (this.#records.needsBytes) {
      await Promise.race([this.#records.read(), this.#wake.promise]);
    }
    this.#wake = Promise.withResolvers();
  }

  /** Ends a {@linkcode wait}. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Stops; records that were not read yet are skipped. */
  stop(): void {
    this.#records.end();
    this.wake();
  }

  /** Closes the file. */
  close(): Promise<void> {
    this.stop();
    if (!this.#closed) this.#bytes.close();
    this.#closed = true;
    return Promise.resolve();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Writes records into a buffer; returns their length in bytes. */
  #fill(buffer: Uint8Array): number {
    const words = new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.byteLength >> 2);
    const room = words.byteLength - RECORD_HEADER;
    const records = this.#records;
    const { record } = records;
    let end = 0;
    while (records.find(end === 0)) {
      // A record larger than a batch is cut.
      const captured = Math.min(record.captured, room);
      if (captured > room - end || !this.#isDue()) return end;
      const at = end >> 2;
      words[at] = record.seconds;
      words[at + 1] = record.nanoseconds;
      words[at + 2] = captured;
      words[at + 3] = record.original;
      words[at + 4] = record.kind;
      words[at + 5] = record.interface;
      const { data } = record;
      buffer.set(records.memory.subarray(data, data + captured), end + RECORD_HEADER);
      end += RECORD_HEADER + wordAlign(captured);
      records.take();
    }
    return end;
  }

  #isDue(): boolean {
    if (this.#pace === undefined) return true;
    this.#waitMs = this.#pace.wait(this.#records.record, performance.now());
    return this.#waitMs === 0;
  }
}
