/**
 * The pure half of a source: bytes to records.
 *
 * @module
 */

import type { Memory } from "../bytes/memory.ts";

/** Decodes datagrams to records of one kind. */
export interface Decoder<Raw> {
  /** Packets that arrived, damaged ones included. */
  readonly received: number;
  /** Packets that are missing. */
  readonly lost: number;
  /** Packets that arrived damaged and were passed over. */
  readonly malformed: number;
  /** Where the next packet lies in the memory. */
  readonly position: number;
  /** The number that the first packet since {@linkcode forget} has, or must have had; ABSENT where none was numbered. */
  readonly firstSeq: number;
  /** The number that should come next; ABSENT where no packet since {@linkcode forget} was numbered. */
  readonly nextSeq: number;
  /** Forgets which number comes next: the packets after it may follow on anything. */
  forget(): void;
  /** Begins with a datagram. */
  begin(memory: Memory, offset: number, length: number, seconds: number, nanoseconds: number): void;
  /** Decodes the next packet of the datagram; false at its end. */
  next(record: Raw): boolean;
}
