/**
 * The privileged half of a capture file: bytes in.
 *
 * @module
 */

import { InterfaceTable } from "../../packet/interface.ts";
import type { Need } from "../../permission.ts";
import { type Moment, NOTHING_QUEUED, type Reader } from "../source.ts";
import { FILE_HEADER, type FileHeader, readFileHeader } from "./file_header.ts";
import { BATCH_HEADER, BIG_ENDIAN, RECORD_HEADER, wordAlign } from "./layout.ts";
import { openError, readError } from "./open_error.ts";
import type { PcapSourceOptions } from "./options.ts";

/** The most bytes that a record may have, as tcpdump has it (`MAXIMUM_SNAPLEN`). */
const CAPTURED_MAX = 262144;
/** How much of the file is read at a time, in bytes; more than a record. */
const WINDOW = 1024 * 1024;

/** The right that it takes to read a capture file. */
export function pcapNeeds({ path }: Pick<PcapSourceOptions, "path">): Need[] {
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
  /** The format does not name interfaces. */
  readonly interfaces: InterfaceTable = new InterfaceTable();
  /** Whether the file's end was reached, or {@linkcode stop} called. */
  ended = false;

  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #header: FileHeader;
  readonly #warn: (message: string) => void;
  readonly #window = new Uint8Array(WINDOW);
  readonly #view = new DataView(this.#window.buffer);
  /** The part of the window that is still to be handed over. */
  #at = 0;
  #filled = 0;
  /** Where the window begins in the file. */
  #base = FILE_HEADER;
  #records = 0;
  #damaged = false;
  #closed = false;

  private constructor(
    path: string,
    file: Deno.FsFile,
    header: FileHeader,
    warn: (message: string) => void,
  ) {
    this.#path = path;
    this.#file = file;
    this.#header = header;
    this.#warn = warn;
  }

  /**
   * Opens a capture file and reads its header.
   *
   * @param options Checked options.
   * @param warn Told about damage in the file, once that is reached.
   * @returns The reader.
   * @throws {InputError} If the file cannot be opened, or is of a kind that
   * nfscribe does not read; the message says why and what to do.
   */
  static async open(
    { path }: Pick<PcapSourceOptions, "path">,
    warn: (message: string) => void,
  ): Promise<PcapReader> {
    let file: Deno.FsFile | undefined;
    try {
      // A pipe would stop the whole process until its other end is opened.
      const { isFile, isDirectory } = await Deno.stat(path);
      if (isDirectory) throw new Deno.errors.IsADirectory();
      if (!isFile) throw new Error("it is not a regular file; write it to one first");
      file = await Deno.open(path);
      const bytes = new Uint8Array(FILE_HEADER);
      const header = readFileHeader(bytes.subarray(0, fill(file, bytes, 0)));
      return new PcapReader(path, file, header, warn);
    } catch (error) {
      file?.close();
      throw openError(path, error);
    }
  }

  /**
   * Takes as many whole records as fit.
   *
   * @param buffer Where they go, as `layout.ts` says.
   * @returns Their length in bytes, or {@linkcode NOTHING_QUEUED}; the file has then ended.
   * @throws {InputError} If the system cannot read the file.
   */
  receive(buffer: Uint8Array): number {
    if (this.ended) return NOTHING_QUEUED;
    const { littleEndian, perSecond, linkType } = this.#header;
    const out = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    out.setUint32(0, linkType, true);
    out.setUint32(4, littleEndian ? 0 : BIG_ENDIAN, true);
    const room = (buffer.length & ~3) - RECORD_HEADER;
    let end = BATCH_HEADER;
    for (let size = this.#find(); size >= 0; size = this.#find()) {
      const view = this.#view;
      const at = this.#at;
      // A record that no batch has room for is cut.
      const captured = Math.min(size, room - BATCH_HEADER);
      if (captured > room - end) return end;
      const fraction = view.getUint32(at + 4, littleEndian);
      const nanoseconds = fraction % perSecond * (1e9 / perSecond);
      out.setUint32(
        end,
        view.getUint32(at, littleEndian) + Math.floor(fraction / perSecond),
        true,
      );
      out.setUint32(end + 4, nanoseconds, true);
      out.setUint32(end + 8, captured, true);
      out.setUint32(end + 12, view.getUint32(at + 12, littleEndian), true);
      const data = at + RECORD_HEADER;
      buffer.set(this.#window.subarray(data, data + captured), end + RECORD_HEADER);
      end += RECORD_HEADER + wordAlign(captured);
      this.#at = data + size;
      this.#records++;
    }
    // The end, or the damage, is met again by the next call.
    if (end > BATCH_HEADER) return end;
    this.ended = true;
    return NOTHING_QUEUED;
  }

  /** A file is always there. */
  wait(): Promise<void> {
    return Promise.resolve();
  }

  /** Nobody ever waits. */
  wake(): void {}

  /** Gives up what was not read yet. */
  stop(): void {
    this.ended = true;
  }

  /** Closes the file. */
  close(): Promise<void> {
    this.ended = true;
    if (!this.#closed) this.#file.close();
    this.#closed = true;
    return Promise.resolve();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Gets the next record into the window; its captured length, or -1 where there is none. */
  #find(): number {
    if (!this.#has(RECORD_HEADER)) return this.#missing("a record's header", RECORD_HEADER);
    const size = this.#view.getUint32(this.#at + 8, this.#header.littleEndian);
    if (size > CAPTURED_MAX) {
      return this.#damage(`a record of ${size} bytes, where ${CAPTURED_MAX} is the most`);
    }
    return this.#has(RECORD_HEADER + size) ? size : this.#missing("a record", RECORD_HEADER + size);
  }

  /** Whether so many bytes are left, which are then in the window. */
  #has(length: number): boolean {
    if (this.#filled - this.#at >= length) return true;
    this.#window.copyWithin(0, this.#at, this.#filled);
    this.#base += this.#at;
    this.#filled -= this.#at;
    this.#at = 0;
    try {
      this.#filled = fill(this.#file, this.#window, this.#filled);
    } catch (error) {
      throw readError(this.#path, this.#base + this.#filled, error);
    }
    return this.#filled >= length;
  }

  #missing(what: string, length: number): number {
    const left = this.#filled - this.#at;
    return left === 0 ? -1 : this.#damage(`${left} of the ${length} bytes of ${what}`);
  }

  /** Ends the file before its end; told at once, for the records before it are whole. */
  #damage(reason: string): number {
    if (!this.#damaged) {
      this.#warn(
        `${this.#path} is damaged at byte ${this.#base + this.#at}: ${reason}; ` +
          `whole records before it: ${this.#records}; nothing after it is read`,
      );
    }
    this.#damaged = true;
    return -1;
  }
}

/** Reads until the buffer is full or the file ends; how much of it is filled. */
function fill(file: Deno.FsFile, buffer: Uint8Array, from: number): number {
  let filled = from;
  while (filled < buffer.length) {
    const count = file.readSync(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return filled;
}
