/** Interface of a source's pure half: decodes bytes into records. */

import type { Memory } from "../bytes/memory.ts";

/** Decodes datagrams into records of one kind. */
export interface Decoder<Raw> {
  /** Packets received, malformed ones included. */
  readonly received: number;
  /** Packets that are missing by their sequence numbers. */
  readonly lost: number;
  /** Malformed packets, which were skipped. */
  readonly malformed: number;
  /** Offset of the next packet in the memory. */
  readonly position: number;
  /**
   * The sequence number that the first packet since {@linkcode forget} has, or must have had;
   * ABSENT if none was numbered.
   */
  readonly firstSeq: number;
  /**
   * The expected next sequence number; ABSENT if no packet since {@linkcode forget} was numbered.
   */
  readonly nextSeq: number;
  /**
   * Forgets the expected sequence number: the packets that follow may come from anywhere in the
   * sequence.
   */
  forget(): void;
  /** Begins a datagram. */
  begin(memory: Memory, offset: number, length: number, seconds: number, nanoseconds: number): void;
  /** Decodes the next packet of the datagram; returns false at its end. */
  next(record: Raw): boolean;
}
