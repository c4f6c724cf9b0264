/** Finds the parts of chunks, and who sent them. Pure. */

import type { Memory } from "../../bytes/memory.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import { decodeNames, FORM, NAMES_SIZE, PART_HEADER, RECORDS_SIZE } from "./chunk.ts";

/** Sender of a part. */
export interface Sender {
  host: string;
  session: string;
  capture: string;
  /** Names of its interfaces, the same table as long as they stay the same. */
  interfaces: InterfaceTable;
}

/** Most senders whose names are kept: of others they are decoded again. */
const SENDERS_MOST = 1024;

const NOBODY: Sender = { host: "", session: "", capture: "", interfaces: new InterfaceTable() };

/** Result of {@linkcode Parts.next}. */
export const Found = {
  /** No part is left. */
  NONE: 0,
  /** A part begins here. */
  PART: 1,
  /** Bytes that are no part were skipped. */
  DAMAGE: 2,
} as const;

/** Iterates over the parts of a chunk. */
export class Parts {
  /** Sender of the current part. */
  sender = NOBODY;
  /** Offsets of its records and of the byte after them. */
  start = 0;
  end = 0;
  #memory: Memory | undefined;
  #at = 0;
  #chunkEnd = 0;
  /** Senders by their names as bytes, a character each. */
  readonly #senders = new Map<string, Sender>();

  /** Begins a chunk. */
  begin(memory: Memory, offset: number, length: number): void {
    this.#memory = memory;
    this.#at = this.start = this.end = offset;
    this.#chunkEnd = offset + length;
  }

  /**
   * Finds the next part.
   *
   * @param form Form that its records must have.
   * @returns One of {@linkcode Found}.
   */
  next(form: number): number {
    const left = this.#chunkEnd - this.#at;
    if (this.#memory === undefined || left <= 0) return Found.NONE;
    const { view, bytes } = this.#memory;
    const at = this.#at;
    const word = (offset: number) => view.getUint32(at + offset, true);
    const size = left < PART_HEADER ? Infinity : word(0);
    if (size < PART_HEADER || size > left || (size & 3) !== 0) return this.#skip(left);
    const [names, records] = [word(NAMES_SIZE), word(RECORDS_SIZE)];
    if ((names & 3) !== 0 || names + records > size - PART_HEADER || word(FORM) !== form) {
      return this.#skip(size);
    }
    const start = at + PART_HEADER + names;
    const sender = this.#senderOf(bytes.subarray(at + PART_HEADER, start));
    if (sender === undefined) return this.#skip(size);
    this.sender = sender;
    this.#at = at + size;
    this.start = start;
    this.end = start + records;
    return Found.PART;
  }

  /** Offset after the current part. */
  get after(): number {
    return this.#at;
  }

  #skip(length: number): number {
    this.#at = this.start = this.end = this.#at + length;
    return Found.DAMAGE;
  }

  #senderOf(names: Uint8Array): Sender | undefined {
    const key = LATIN1.decode(names);
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const found = decodeNames(names.slice());
    if (found === undefined) return undefined;
    if (this.#senders.size >= SENDERS_MOST) this.#senders.clear();
    const sender = { ...found, interfaces: new InterfaceTable().with(found.interfaces) };
    this.#senders.set(key, sender);
    return sender;
  }
}

/** Keeps bytes apart that UTF-8 would make the same. */
const LATIN1 = new TextDecoder("latin1");
