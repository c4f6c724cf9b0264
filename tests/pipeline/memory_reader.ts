/**
 * A reader whose datagrams are there from the start.
 *
 * @module
 */

import { InterfaceTable } from "../../src/packet/interface.ts";
import { NOTHING_QUEUED, type Reader } from "../../src/source/source.ts";

/** What a {@linkcode MemoryReader} does. */
export interface MemoryReaderOptions {
  /** What comes, one datagram after the other. */
  queue?: Uint8Array[];
  /** Where this is set, it comes again and again until the reader is stopped. */
  endless?: Uint8Array;
  /** What the kernel still hands over when it is stopped. */
  afterStop?: Uint8Array[];
  /** Called when there is something to wait for. */
  onWait?: () => void;
}

/** Hands out datagrams and writes down, in order, what it is asked for. */
export class MemoryReader implements Reader {
  readonly foreign = 0;
  readonly droppedDatagrams = 0;
  readonly clock = { seconds: 12, nanoseconds: 34_000 };
  /** Each datagram changes the name of interface 2. */
  interfaces: InterfaceTable = new InterfaceTable();
  /** What was called: `receive` only where nothing was there. */
  readonly calls: string[] = [];
  readonly #queue: Uint8Array[];
  readonly #options: MemoryReaderOptions;
  #received = 0;
  #stopped = false;
  #woken = Promise.withResolvers<void>();

  constructor(options: MemoryReaderOptions) {
    this.#queue = [...options.queue ?? []];
    this.#options = options;
  }

  receive(buffer: Uint8Array): number {
    const datagram = this.#queue.shift() ?? (this.#stopped ? undefined : this.#options.endless);
    if (datagram === undefined) {
      this.calls.push("dry");
      return NOTHING_QUEUED;
    }
    buffer.set(datagram);
    this.interfaces = this.interfaces.with([[2, `eth${this.#received++}`]]);
    return datagram.length;
  }

  wait(): Promise<void> {
    this.calls.push("wait");
    this.#options.onWait?.();
    return this.#woken.promise;
  }

  wake(): void {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers();
  }

  /** Something arrives. */
  deliver(datagram: Uint8Array): void {
    this.#queue.push(datagram);
    this.wake();
  }

  stop(): void {
    this.calls.push("stop");
    this.#stopped = true;
    this.#queue.push(...this.#options.afterStop ?? []);
  }

  close(): Promise<void> {
    this.calls.push("close");
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
