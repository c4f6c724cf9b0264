/**
 * Finds the records of one capture file in the bytes read so far; warns about damage, a cut end and
 * skipped packets.
 */

import { InputError, messageOf } from "../../errors.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import type { ByteSource } from "./byte_source.ts";
import { decodedLinkTypes } from "../../pcap/link/types.ts";
import { nameOf, openError, readError } from "./open_error.ts";
import { PackedDamage } from "./packed.ts";
import { parserOf } from "../../pcap/read/parser.ts";
import { type FileRecord, newRecord, type RecordParser, Step } from "../../pcap/read/record.ts";
import { Window } from "../../pcap/read/window.ts";

/** Iterates over the records of a file. */
export class FileRecords {
  /** The record that {@linkcode find} found. */
  readonly record: FileRecord = newRecord();
  /** Whether the end of the file was reached. */
  ended = false;

  readonly #path: string;
  readonly #bytes: ByteSource;
  readonly #warn: (message: string) => void;
  #window = new Window();
  #parser: RecordParser | undefined;
  #count = 0;
  #reading: Promise<void> | undefined;
  /** Error of a read in the background. */
  #failure: unknown;
  #isDamaged = false;
  /** Whether nothing more is read of a growing file, until another one replaces it. */
  #isIgnored = false;
  /** Whether skipped packets were already logged. */
  #isReported = false;

  /**
   * Begins a file.
   *
   * @param path The file, for messages.
   * @param warn Receives warnings about the file.
   */
  constructor(path: string, bytes: ByteSource, warn: (message: string) => void) {
    this.#path = path;
    this.#bytes = bytes;
    this.#warn = warn;
  }

  /** The interfaces that the file names, by numbers of its own. */
  get interfaces(): InterfaceTable {
    return this.#parser?.interfaces ?? NO_INTERFACES;
  }

  /** Memory with {@linkcode record}. */
  get memory(): Uint8Array {
    return this.#window.bytes;
  }

  /** Number of records that were taken. */
  get count(): number {
    return this.#count;
  }

  /** Whether more of the file may come. */
  get needsBytes(): boolean {
    return !this.#window.isLast && !this.#isDamaged;
  }

  /**
   * Reads the file's header, and waits for it.
   *
   * @throws The error of Deno, or one whose message fits after a colon.
   */
  async begin(): Promise<void> {
    while ((this.#parser = parserOf(this.#window)) === undefined) {
      await this.read();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  /**
   * Reads the header as far as it is there, without waiting.
   *
   * @throws An error whose message fits after a colon, if the file has another format.
   */
  beginIfThere(): void {
    while ((this.#parser = parserOf(this.#window)) === undefined) {
      const count = this.#bytes.readSync?.(this.#window.room()) ?? 0;
      if (count === 0) return;
      this.#window.add(count);
    }
  }

  /**
   * Finds the next record.
   *
   * @param mayEnd Whether the end of the file may be reported: all records before it were taken.
   * @returns False if there is none at the moment.
   * @throws {InputError} If the system cannot read the file.
   */
  find(mayEnd: boolean): boolean {
    if (this.#failure !== undefined) {
      if (mayEnd) this.#fail(this.#failure);
      return false;
    }
    while (!this.#isDamaged) {
      const step = this.#isIgnored ? Step.MORE : this.#step();
      if (step === Step.RECORD) return true;
      if (step === Step.DAMAGED) {
        this.#damaged(this.#parser!.damage);
        continue;
      }
      if (this.#window.isLast) {
        const cut = this.#parser?.cut(this.#window);
        if (cut !== undefined) this.#damaged(cut);
        break;
      }
      if (!this.#readMore(mayEnd)) return false;
    }
    if (mayEnd) this.end();
    return false;
  }

  /** Skips the record that was found. */
  take(): void {
    this.#window.skip(this.record.size);
    this.#count++;
  }

  /** Reads more bytes and waits for them. */
  read(): Promise<void> {
    this.#reading ??= this.#bytes.read(this.#window.room()).then((count) => {
      if (count === null) this.#window.isLast = true;
      else this.#window.add(count);
    }, (error) => {
      this.#failure = error;
    }).finally(() => this.#reading = undefined);
    return this.#reading;
  }

  /** Stops reading and logs how many packets were skipped. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#tellOfPassedOver();
  }

  #step(): number {
    if (this.#parser === undefined) {
      try {
        this.#parser = parserOf(this.#window);
      } catch (error) {
        if (this.#bytes.ignore === undefined) throw openError(this.#path, error);
        this.#ignore(messageOf(error));
      }
      if (this.#parser === undefined) return Step.MORE;
    }
    const step = this.#parser.next(this.#window, this.record);
    if (!this.#isReported && this.#parser.passedOver.size > 0) this.#warnOfLinkType(this.#parser);
    return step;
  }

  /** Reads more bytes without waiting; returns false if that is impossible. */
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

  /** Begins anew if another file has replaced a growing one; returns whether it did. */
  #beginIfMoved(): boolean {
    if (this.#bytes.moved?.() !== true) return false;
    const cut = this.#parser?.cut(this.#window);
    if (cut !== undefined && !this.#isIgnored) {
      this.#tellOfDamage(cut, "the file before it ended there");
    }
    this.#tellOfPassedOver();
    this.#window = new Window();
    this.#parser = undefined;
    this.#isReported = false;
    this.#isIgnored = false;
    return true;
  }

  /** Reads no more of a growing file: others may write what they like. */
  #ignore(why: string): void {
    this.#isIgnored = true;
    this.#bytes.ignore?.();
    this.#warn(`${nameOf(this.#path)} is not read ${UNTIL_REPLACED}: ${why}`);
  }

  /** Reports a read error after all complete records were found. */
  #fail(error: unknown): void {
    if (!(error instanceof PackedDamage)) {
      throw error instanceof InputError ? error : readError(this.#path, this.#window.offset, error);
    }
    this.#damaged(error.message);
    this.end();
  }

  /**
   * Ends the file early, or waits for its replacement if it grows. Logged at once, because the
   * records before the damage are valid.
   */
  #damaged(reason: string): void {
    const { ignore } = this.#bytes;
    this.#isDamaged = ignore === undefined;
    this.#isIgnored = ignore !== undefined;
    this.#tellOfDamage(
      reason,
      ignore === undefined
        ? "nothing after it is read"
        : `nothing after it is read, ${UNTIL_REPLACED}`,
    );
    ignore?.call(this.#bytes);
  }

  #tellOfDamage(reason: string, consequence: string): void {
    const what = this.#bytes.isUnpacked ? " of the decompressed data" : "";
    this.#warn(
      `${nameOf(this.#path)} is damaged at byte ${this.#window.offset}${what}: ${reason}; ` +
        `whole records before it: ${this.#count}; ${consequence}`,
    );
  }

  /** Logs the first skipped packet at once: a file that is followed for days has no end. */
  #warnOfLinkType({ passedOver }: RecordParser): void {
    this.#isReported = true;
    const [linkType] = passedOver.keys();
    this.#warn(
      `${nameOf(this.#path)} has packets of link type ${linkType}, which are skipped; ` +
        `nfscribe reads ${decodedLinkTypes()}`,
    );
  }

  #tellOfPassedOver(): void {
    const passedOver = this.#parser?.passedOver ?? new Map<number, number>();
    if (passedOver.size === 0) return;
    const count = passedOver.values().reduce((sum, packets) => sum + packets, 0);
    const types = [...passedOver.keys()].slice(0, TYPES_SHOWN).join(", ");
    const more = passedOver.size > TYPES_SHOWN ? ", …" : "";
    this.#warn(
      `${nameOf(this.#path)}: packets skipped for their link type: ${count} (${types}${more})`,
    );
  }
}

/** Condition under which a growing file is read again. */
const UNTIL_REPLACED = "until another file takes its place, or it is cut";
/** The most link types that a message lists. */
const TYPES_SHOWN = 8;
const NO_INTERFACES = new InterfaceTable();
