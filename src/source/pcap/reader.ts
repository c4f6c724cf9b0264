/**
 * The privileged half of a capture file: bytes in.
 *
 * @module
 */

import { InputError } from "../../errors.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import type { Need } from "../../permission.ts";
import { type Moment, NOTHING_QUEUED, type Reader } from "../source.ts";
import { type ByteSource, openBytes } from "./byte_source.ts";
import { RECORD_HEADER, wordAlign } from "./layout.ts";
import { decodedLinkTypes } from "./link_types.ts";
import { nameOf, openError, readError } from "./open_error.ts";
import { type PcapSourceOptions, STANDARD_INPUT } from "./options.ts";
import { Pace } from "./pace.ts";
import { parserOf } from "./parser.ts";
import { newRecord, type RecordParser, Step } from "./record.ts";
import { Window } from "./window.ts";

/** What a reader must be told. */
export type PcapReaderOptions =
  & Pick<PcapSourceOptions, "path">
  & Partial<Pick<PcapSourceOptions, "follow" | "pace">>;

/** The right that it takes to read a capture file. */
export function pcapNeeds({ path }: Pick<PcapSourceOptions, "path">): Need[] {
  if (path === STANDARD_INPUT) return [];
  return [{ name: "read", value: path, why: "the capture file" }];
}

/**
 * Reads the records of one capture file, many at a time, and hands them over as
 * `layout.ts` has them. A damaged file gives every record before the damage.
 */
export class PcapReader implements Reader {
  /** A file has one sender. */
  readonly foreign = 0;
  /** A file drops nothing. */
  readonly droppedDatagrams = 0;
  /** The records have their own times. */
  readonly clock: Moment = { seconds: 0, nanoseconds: 0 };
  /** Whether the file's end was reached, or {@linkcode stop} called. */
  ended = false;

  readonly #path: string;
  readonly #bytes: ByteSource;
  readonly #warn: (message: string) => void;
  readonly #record = newRecord();
  readonly #pace: Pace | undefined;
  #window = new Window();
  #parser: RecordParser | undefined;
  #records = 0;
  /** How long the record at hand is still to wait, in milliseconds. */
  #waitMs = 0;
  #reading: Promise<void> | undefined;
  /** What a read that nobody waited for has thrown. */
  #failure: unknown;
  #isDamaged = false;
  #closed = false;
  #wake = Promise.withResolvers<void>();

  private constructor(
    { path, pace }: PcapReaderOptions,
    bytes: ByteSource,
    warn: (message: string) => void,
  ) {
    this.#path = path;
    this.#bytes = bytes;
    this.#warn = warn;
    if (pace === "recorded") this.#pace = new Pace();
  }

  /**
   * Opens a capture file and reads its header; that of a growing file may come later.
   *
   * @param options Checked options.
   * @param warn Told about damage in the file, once that is reached.
   * @returns The reader.
   * @throws {InputError} If the file cannot be opened, or is of a kind that
   * nfscribe does not read; the message says why and what to do.
   */
  static async open(
    options: PcapReaderOptions,
    warn: (message: string) => void,
  ): Promise<PcapReader> {
    const { path, follow = false } = options;
    let bytes: ByteSource | undefined;
    try {
      bytes = await openBytes(path, follow, warn);
      const reader = new PcapReader(options, bytes, warn);
      while (!follow && (reader.#parser = parserOf(reader.#window)) === undefined) {
        await reader.#read();
        if (reader.#failure !== undefined) throw reader.#failure;
      }
      return reader;
    } catch (error) {
      bytes?.close();
      throw openError(path, error);
    }
  }

  /** The interfaces that the file names, by numbers of the reader's own. */
  get interfaces(): InterfaceTable {
    return this.#parser?.interfaces ?? NO_INTERFACES;
  }

  /**
   * Takes as many whole records as fit.
   *
   * @param buffer Where they go, as `layout.ts` says.
   * @returns Their length in bytes, or {@linkcode NOTHING_QUEUED}; the file has
   * ended then, or there is something to {@linkcode wait} for.
   * @throws {InputError} If the system cannot read the file.
   */
  receive(buffer: Uint8Array): number {
    if (this.ended) return NOTHING_QUEUED;
    const length = this.#fill(buffer);
    // The end, or the damage, is met again by the next call.
    if (length > 0) return length;
    return NOTHING_QUEUED;
  }

  /** Waits until there may be something to receive. */
  async wait(): Promise<void> {
    if (this.ended) return;
    if (this.#waitMs > 0) {
      const timer = setTimeout(this.#wake.resolve, this.#waitMs);
      await this.#wake.promise;
      clearTimeout(timer);
    } else if (this.#needsBytes) {
      await Promise.race([this.#read(), this.#wake.promise]);
    }
    this.#wake = Promise.withResolvers();
  }

  /** Ends a wait. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Gives up what was not read yet. */
  stop(): void {
    this.ended = true;
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

  get #needsBytes(): boolean {
    return !this.#window.isLast && !this.#isDamaged;
  }

  /** Puts records into a buffer; how many bytes. */
  #fill(buffer: Uint8Array): number {
    const out = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    const room = (buffer.length & ~3) - RECORD_HEADER;
    const record = this.#record;
    let end = 0;
    while (this.#find(end === 0)) {
      // A record that no batch has room for is cut.
      const captured = Math.min(record.captured, room);
      if (captured > room - end || !this.#isDue()) return end;
      out.setUint32(end, record.seconds, true);
      out.setUint32(end + 4, record.nanoseconds, true);
      out.setUint32(end + 8, captured, true);
      out.setUint32(end + 12, record.original, true);
      out.setUint32(end + 16, record.kind, true);
      out.setUint32(end + 20, record.interface, true);
      const { data } = record;
      buffer.set(this.#window.bytes.subarray(data, data + captured), end + RECORD_HEADER);
      end += RECORD_HEADER + wordAlign(captured);
      this.#window.skip(record.size);
      this.#records++;
    }
    return end;
  }

  #isDue(): boolean {
    if (this.#pace === undefined) return true;
    this.#waitMs = this.#pace.wait(this.#record, performance.now());
    return this.#waitMs === 0;
  }

  /**
   * Finds the next record; false where there is none at the moment.
   *
   * @param mayEnd Whether the file may come to its end: all before it was handed over.
   */
  #find(mayEnd: boolean): boolean {
    if (this.#failure !== undefined) {
      if (mayEnd) this.#fail(this.#failure);
      return false;
    }
    while (!this.#isDamaged) {
      const step = this.#step();
      if (step === Step.RECORD) return true;
      if (step === Step.DAMAGED) {
        this.#damaged(this.#parser!.damage);
        break;
      }
      if (this.#window.isLast) {
        const cut = this.#parser?.cut(this.#window);
        if (cut !== undefined) this.#damaged(cut);
        break;
      }
      if (!this.#readMore(mayEnd)) return false;
    }
    if (mayEnd) this.#end();
    return false;
  }

  #step(): number {
    if (this.#parser === undefined) {
      try {
        this.#parser = parserOf(this.#window);
      } catch (error) {
        throw openError(this.#path, error);
      }
    }
    return this.#parser?.next(this.#window, this.#record) ?? Step.MORE;
  }

  /** Reads on without waiting; false where that cannot be. */
  #readMore(mayBegin: boolean): boolean {
    if (this.#bytes.readSync === undefined || this.#reading !== undefined) return false;
    let count: number | null;
    try {
      count = this.#bytes.readSync(this.#window.room());
    } catch (error) {
      throw readError(this.#path, this.#window.offset, error);
    }
    if (count === null) this.#window.isLast = true;
    else this.#window.add(count);
    return count !== 0 || (mayBegin && this.#beginIfMoved());
  }

  /** Reads on, and waits for it. */
  #read(): Promise<void> {
    this.#reading ??= this.#bytes.read(this.#window.room()).then((count) => {
      if (count === null) this.#window.isLast = true;
      else this.#window.add(count);
    }, (error) => {
      this.#failure = error;
    }).finally(() => this.#reading = undefined);
    return this.#reading;
  }

  /** Begins anew where another file took the place of a growing one; whether it did. */
  #beginIfMoved(): boolean {
    if (this.#bytes.moved?.() !== true) return false;
    const cut = this.#parser?.cut(this.#window);
    if (cut !== undefined) this.#warnOfDamage(cut, "the file before it ended there");
    this.#window = new Window();
    this.#parser = undefined;
    return true;
  }

  /** What was whole comes first; then a file that cannot be read any more fails. */
  #fail(error: unknown): void {
    if (!(error instanceof Error && error.message.startsWith("what gzip packed"))) {
      throw error instanceof InputError ? error : readError(this.#path, this.#window.offset, error);
    }
    this.#damaged(error.message);
    this.#end();
  }

  #end(): void {
    this.ended = true;
    for (const [linkType, packets] of this.#parser?.passedOver ?? []) {
      this.#warn(
        `${nameOf(this.#path)}: ${packets} packets of link type ${linkType} were passed over; ` +
          `nfscribe reads ${decodedLinkTypes()}`,
      );
    }
  }

  /** Ends the file before its end; told at once, for the records before it are whole. */
  #damaged(reason: string): void {
    this.#isDamaged = true;
    this.#warnOfDamage(reason, "nothing after it is read");
  }

  #warnOfDamage(reason: string, consequence: string): void {
    this.#warn(
      `${nameOf(this.#path)} is damaged at byte ${this.#window.offset}: ${reason}; ` +
        `whole records before it: ${this.#records}; ${consequence}`,
    );
  }
}

const NO_INTERFACES = new InterfaceTable();
