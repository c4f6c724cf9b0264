/** Receives datagrams from readers and stops readers. */

import type { Datagram } from "../pool/in_flight.ts";
import { INPUT_SIZE } from "../../sandbox/ring.ts";
import { DATAGRAMS_MAX, type Slot } from "../../sandbox/slot.ts";
import { readySources } from "../../source/ready_reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader } from "../../source/source.ts";
import type { PipelineSource } from "./topology.ts";

/** Callbacks of a receiver. */
export interface ReceiverEvents {
  /** Called when a reader failed; it is not used any more. */
  onFailure(error: unknown): void;
  /** Wakes the loop. */
  wake(): void;
}

/** Observer of datagrams. */
export interface Tap {
  /** Whether it takes datagrams. */
  readonly isOpen: boolean;
  /**
   * Takes datagrams before a sandbox can change their memory.
   *
   * @param sources Sources that they refer to.
   * @param datagrams Datagrams of one slot.
   * @param memory Memory of the slot.
   */
  take(
    sources: readonly PipelineSource[],
    datagrams: readonly Datagram[],
    memory: Uint8Array,
  ): void;
}

/** Receives datagrams into slots. */
export class Receiver {
  /** Observer of all datagrams. */
  tap: Tap | undefined;
  readonly #events: ReceiverEvents;
  readonly #broken = new Set<Reader>();
  /** Number of stopped readers that may still have packets. */
  #stopping = 0;
  /** Whether sockets stay open when their readers are stopped. */
  #keepsSockets = false;
  /** Counts slots, to begin each with another source. */
  #turn = 0;
  /** Indexes of sources that may have something. */
  #ready: number[] = [];

  /** Creates a receiver that has received nothing. */
  constructor(events: ReceiverEvents) {
    this.#events = events;
  }

  /** Whether stopped readers may still have packets. */
  get isEnding(): boolean {
    return this.#stopping > 0;
  }

  /** Leaves sockets open from now on when readers are stopped, for another process. */
  keepSockets(): void {
    this.#keepsSockets = true;
  }

  /**
   * Stops a reader.
   *
   * @param reader Reader to stop.
   * @param keepsSocket Whether its socket stays open.
   */
  stop(reader: Reader, keepsSocket = this.#keepsSockets): void {
    if (this.#broken.has(reader)) return;
    const broke = (error: unknown) => this.#break(reader, error);
    try {
      if (keepsSocket && reader.leave !== undefined) return reader.leave();
      const stopping = reader.stop();
      if (stopping === undefined) return;
      this.#stopping++;
      stopping.catch(broke).finally(() => {
        this.#stopping--;
        this.#events.wake();
      });
    } catch (error) {
      broke(error);
    }
  }

  /** Finds the sources that may have something, for the slots that are filled next. */
  look(sources: readonly PipelineSource[]): void {
    this.#ready = readySources(sources);
  }

  /**
   * Fills a slot with queued datagrams.
   *
   * @param sources Sources to receive from, the same as for {@linkcode look}.
   * @param only Readers to receive from; undefined for all.
   * @param slot Slot for the bytes.
   * @param isFirst Whether the slot is of the sandbox that gets what takes a decoder with a state.
   * @returns Received datagrams.
   */
  fill(
    sources: readonly PipelineSource[],
    only: ReadonlySet<Reader> | undefined,
    slot: Slot,
    isFirst = true,
  ): Datagram[] {
    const datagrams: Datagram[] = [];
    let offset = 0;
    // Sources take turns: a busy one must not keep the others from slots.
    const ready = this.#ready;
    const first = this.#turn++;
    for (let n = 0; n < ready.length; n++) {
      const source = ready[(first + n) % ready.length]!;
      const { reader, ledger } = sources[source]!;
      if (only?.has(reader) === false || reader.isStateful === true && !isFirst) continue;
      const before = datagrams.length;
      // Records of such a datagram are a chunk, alone in its slot.
      const isAlone = reader.acknowledge !== undefined;
      if (isAlone && before > 0) continue;
      while (offset + DATAGRAM_MAX <= INPUT_SIZE && datagrams.length < DATAGRAMS_MAX) {
        const size = this.#receive(reader, slot.memory.bytes, offset);
        if (size === NOTHING_QUEUED) break;
        const { interfaces, clock: { seconds, nanoseconds } } = reader;
        datagrams.push({ source, offset, size, seconds, nanoseconds, interfaces });
        offset += (size + 3) & ~3;
        if (isAlone) break;
      }
      if (isAlone && datagrams.length > before) {
        const { origin, senderLoss } = reader;
        if (origin !== undefined) datagrams[0]!.origin = origin;
        if (senderLoss !== undefined) datagrams[0]!.senderLoss = senderLoss;
      }
      if (datagrams.length === before) continue;
      const dropped = reader.lostRecords === undefined ? 0 : ledger.newDrops(reader.lostRecords);
      if (dropped > 0) datagrams.at(-1)!.dropped = dropped;
      if (isAlone) break;
    }
    if (this.tap?.isOpen === true && offset > 0) {
      this.tap.take(sources, datagrams, slot.memory.bytes);
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
