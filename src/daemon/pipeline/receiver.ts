/**
 * The readers' end of the loop: what is received from them, and how they come to
 * their end.
 *
 * @module
 */

import type { Datagram } from "../pool/in_flight.ts";
import { INPUT_SIZE } from "../../sandbox/ring.ts";
import { DATAGRAMS_MAX, type Slot } from "../../sandbox/slot.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader } from "../../source/source.ts";
import type { PipelineSource } from "./topology.ts";

/** Who is told what happens to readers. */
export interface ReceiverEvents {
  /** A reader failed; it is left alone from now on. */
  onFailure(error: unknown): void;
  /** There is something to do. */
  wake(): void;
}

/** Receives datagrams into slots. */
export class Receiver {
  readonly #events: ReceiverEvents;
  readonly #broken = new Set<Reader>();
  /** Readers from which the last packets are still to come. */
  #lastOnes = 0;
  /** Whether sockets are left as they are when they are stopped. */
  #leaves = false;
  /** Counts slots, for the turns of sources. */
  #turn = 0;

  /** Nothing is received yet. */
  constructor(events: ReceiverEvents) {
    this.#events = events;
  }

  /** Whether packets may come from readers that were stopped. */
  get isEnding(): boolean {
    return this.#lastOnes > 0;
  }

  /** From now on sockets are left as they are when they are stopped, for another process. */
  leave(): void {
    this.#leaves = true;
  }

  /**
   * Lets nothing more come in.
   *
   * @param reader What is stopped.
   * @param leaves Whether its socket is left as it is.
   */
  stop(reader: Reader, leaves = this.#leaves): void {
    if (this.#broken.has(reader)) return;
    const broke = (error: unknown) => this.#break(reader, error);
    try {
      if (leaves && reader.leave !== undefined) return reader.leave();
      const stopping = reader.stop();
      if (stopping === undefined) return;
      this.#lastOnes++;
      stopping.catch(broke).finally(() => {
        this.#lastOnes--;
        this.#events.wake();
      });
    } catch (error) {
      broke(error);
    }
  }

  /**
   * Fills a slot with what is queued.
   *
   * @param sources Where from.
   * @param only Readers that are emptied, where others are not received from.
   * @param slot Takes the bytes.
   * @returns What was received.
   */
  fill(
    sources: readonly PipelineSource[],
    only: ReadonlySet<Reader> | undefined,
    slot: Slot,
  ): Datagram[] {
    const datagrams: Datagram[] = [];
    let offset = 0;
    // Each comes first in its turn: one that always has something must not leave the others without room.
    const first = this.#turn++ % sources.length;
    for (let n = 0; n < sources.length; n++) {
      const source = (first + n) % sources.length;
      const { reader } = sources[source]!;
      if (only?.has(reader) === false) continue;
      while (offset + DATAGRAM_MAX <= INPUT_SIZE && datagrams.length < DATAGRAMS_MAX) {
        const size = this.#receive(reader, slot.memory.bytes, offset);
        if (size === NOTHING_QUEUED) break;
        const { interfaces, clock: { seconds, nanoseconds } } = reader;
        datagrams.push({ source, offset, size, seconds, nanoseconds, interfaces });
        offset += (size + 3) & ~3;
      }
    }
    return datagrams;
  }

  #receive(reader: Reader, memory: Uint8Array, offset: number): number {
    if (this.#broken.has(reader)) return NOTHING_QUEUED;
    try {
      return reader.receive(memory.subarray(offset, offset + DATAGRAM_MAX));
    } catch (error) {
      this.#break(reader, error);
      return NOTHING_QUEUED;
    }
  }

  #break(reader: Reader, error: unknown): void {
    this.#broken.add(reader);
    this.#events.onFailure(error);
  }
}
