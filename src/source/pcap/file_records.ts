/**
 * The records of one capture file, as its bytes come, and all that is told about
 * the file: damage, where it ends early, packets that were passed over.
 *
 * @module
 */

import { InputError } from "../../errors.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import type { ByteSource } from "./byte_source.ts";
import { decodedLinkTypes } from "../../pcap/link/types.ts";
import { nameOf, openError, readError } from "./open_error.ts";
import { PackedDamage } from "./packed.ts";
import { parserOf } from "../../pcap/read/parser.ts";
import { type FileRecord, newRecord, type RecordParser, Step } from "../../pcap/read/record.ts";
import { Window } from "../../pcap/read/window.ts";

/** Finds one record after the other. */
export class FileRecords {
  /** The record that {@linkcode find} has found. */
  readonly record: FileRecord = newRecord();
  /** Whether the file's end was reached. */
  ended = false;

  readonly #path: string;
  readonly #bytes: ByteSource;
  readonly #warn: (message: string) => void;
  #window = new Window();
  #parser: RecordParser | undefined;
  #count = 0;
  #reading: Promise<void> | undefined;
  /** What a read that nobody waited for has thrown. */
  #failure: unknown;
  #isDamaged = false;
  /** Whether it was told that packets are passed over. */
  #isTold = false;

  /**
   * Begins with a file.
   *
   * @param path The file, for messages.
   * @param bytes Its bytes.
   * @param warn Told what is wrong with it.
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

  /** Where {@linkcode record} lies. */
  get memory(): Uint8Array {
    return this.#window.bytes;
  }

  /** Whether more of the file may come. */
  get needsBytes(): boolean {
    return !this.#window.isLast && !this.#isDamaged;
  }

  /**
   * Reads the file's header, and waits for it.
   *
   * @throws What Deno says, or an error whose message stands behind a colon.
   */
  async begin(): Promise<void> {
    while ((this.#parser = parserOf(this.#window)) === undefined) {
      await this.read();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  /**
   * Finds the next record.
   *
   * @param mayEnd Whether the file may come to its end: all before it was handed over.
   * @returns False where there is none at the moment.
   * @throws {InputError} If the system cannot read the file.
   */
  find(mayEnd: boolean): boolean {
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
    if (mayEnd) this.end();
    return false;
  }

  /** Goes behind the record that was found. */
  take(): void {
    this.#window.skip(this.record.size);
    this.#count++;
  }

  /** Reads on, and waits for it. */
  read(): Promise<void> {
    this.#reading ??= this.#bytes.read(this.#window.room()).then((count) => {
      if (count === null) this.#window.isLast = true;
      else this.#window.add(count);
    }, (error) => {
      this.#failure = error;
    }).finally(() => this.#reading = undefined);
    return this.#reading;
  }

  /** Gives up what comes now, and says how many packets were passed over. */
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
        throw openError(this.#path, error);
      }
      if (this.#parser === undefined) return Step.MORE;
    }
    const step = this.#parser.next(this.#window, this.record);
    if (!this.#isTold && this.#parser.passedOver.size > 0) this.#tellOfLinkType(this.#parser);
    return step;
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

  /** Begins anew where another file took the place of a growing one; whether it did. */
  #beginIfMoved(): boolean {
    if (this.#bytes.moved?.() !== true) return false;
    const cut = this.#parser?.cut(this.#window);
    if (cut !== undefined) this.#tellOfDamage(cut, "the file before it ended there");
    this.#tellOfPassedOver();
    this.#window = new Window();
    this.#parser = undefined;
    this.#isTold = false;
    return true;
  }

  /** What was whole comes first; then a file that cannot be read any more fails. */
  #fail(error: unknown): void {
    if (!(error instanceof PackedDamage)) {
      throw error instanceof InputError ? error : readError(this.#path, this.#window.offset, error);
    }
    this.#damaged(error.message);
    this.end();
  }

  /** Ends the file before its end; told at once, for the records before it are whole. */
  #damaged(reason: string): void {
    this.#isDamaged = true;
    this.#tellOfDamage(reason, "nothing after it is read");
  }

  #tellOfDamage(reason: string, consequence: string): void {
    const what = this.#bytes.isUnpacked ? " of what is unpacked" : "";
    this.#warn(
      `${nameOf(this.#path)} is damaged at byte ${this.#window.offset}${what}: ${reason}; ` +
        `whole records before it: ${this.#count}; ${consequence}`,
    );
  }

  /** Told at the first one: a file that is read for days has no end to tell it at. */
  #tellOfLinkType({ passedOver }: RecordParser): void {
    this.#isTold = true;
    const [linkType] = passedOver.keys();
    this.#warn(
      `${nameOf(this.#path)} has packets of link type ${linkType}, which are passed over; ` +
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
      `${nameOf(this.#path)}: packets passed over for their link type: ${count} (${types}${more})`,
    );
  }
}

/** Of the link types that are passed over. */
const TYPES_SHOWN = 8;
const NO_INTERFACES = new InterfaceTable();
