/**
 * Descriptors of sandboxes that are waited for together: messages, what they print,
 * their end, and the signal that a slot was given back.
 *
 * @module
 */

import { Epoll } from "../../../ffi/epoll.ts";
import { EventFd } from "../../../ffi/event_fd.ts";

/** Waits for all sandboxes of a pipeline. */
export class SandboxWatch {
  /** Sandboxes make it readable when they give back a slot that is waited for. */
  readonly waker: EventFd = new EventFd();
  readonly #epoll = new Epoll();
  readonly #callbacks = new Map<number, () => void>();
  readonly #onSlot: () => void;
  readonly #running: Promise<void>;
  #isClosed = false;

  /**
   * Begins to wait.
   *
   * @param onSlot Called when a slot was given back that is waited for.
   */
  constructor(onSlot: () => void) {
    this.#onSlot = onSlot;
    this.#epoll.add(this.waker.descriptor);
    this.#running = this.#run();
  }

  /**
   * Waits for a descriptor, too.
   *
   * @param descriptor It.
   * @param callback Called while it can be read; it must read.
   */
  add(descriptor: number, callback: () => void): void {
    this.#callbacks.set(descriptor, callback);
    this.#epoll.add(descriptor);
  }

  /** Calls back when a descriptor can be written, too, or no longer; one that is not waited for stays so. */
  watchRoom(descriptor: number, isWatched: boolean): void {
    if (this.#callbacks.has(descriptor)) this.#epoll.watchRoom(descriptor, isWatched);
  }

  /** Waits for a descriptor no longer; it must be open still. */
  remove(descriptor: number): void {
    if (this.#callbacks.delete(descriptor)) this.#epoll.remove(descriptor);
  }

  /**
   * Blocks this thread until a slot was given back that is waited for, or a sandbox says
   * something or ends, and takes that in.
   *
   * @param timeoutMs How long at the most, in whole milliseconds.
   */
  block(timeoutMs: number): void {
    for (const descriptor of this.#epoll.ready(timeoutMs)) {
      if (descriptor === this.waker.descriptor) {
        this.waker.clear();
        this.#onSlot();
      } else {
        this.#callbacks.get(descriptor)?.();
      }
    }
  }

  /** Waits no longer. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.waker.signal();
    await this.#running;
    await this.#epoll[Symbol.asyncDispose]();
    this.waker[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      await this.#epoll.wait();
      if (!this.#isClosed) this.block(0);
    }
  }
}
