/**
 * Waits for the descriptors of all sandboxes: sockets, printed text, exits, and the event of
 * returned slots.
 */

import { Epoll } from "../../../ffi/epoll.ts";
import { EventFd } from "../../../ffi/event_fd.ts";

/** Waits for all sandboxes of a pipeline. */
export class SandboxWatch {
  /** Event that sandboxes signal when they return an awaited slot. */
  readonly waker: EventFd = new EventFd();
  readonly #epoll = new Epoll();
  readonly #callbacks = new Map<number, () => void>();
  /** Descriptors whose conditions the kernel reports once. */
  readonly #exceptional = new Set<number>();
  readonly #onSlot: () => void;
  readonly #running: Promise<void>;
  #isClosed = false;

  /**
   * Starts to wait.
   *
   * @param onSlot Called when an awaited slot was returned.
   */
  constructor(onSlot: () => void) {
    this.#onSlot = onSlot;
    this.#epoll.add(this.waker.descriptor);
    this.#running = this.#run();
  }

  /**
   * Adds a descriptor.
   *
   * @param callback Called while it is readable; it must read.
   */
  add(descriptor: number, callback: () => void): void {
    this.#callbacks.set(descriptor, callback);
    this.#epoll.add(descriptor);
  }

  /**
   * Adds a descriptor.
   *
   * @param descriptor Descriptor.
   * @param callback Called after an exceptional condition, perhaps twice.
   */
  addExceptional(descriptor: number, callback: () => void): void {
    this.#callbacks.set(descriptor, callback);
    this.#exceptional.add(descriptor);
    this.#epoll.addExceptional(descriptor);
  }

  /** Waits for a descriptor to become writable, too, or no longer; ignores unknown descriptors. */
  watchRoom(descriptor: number, isWatched: boolean): void {
    if (this.#callbacks.has(descriptor)) this.#epoll.watchRoom(descriptor, isWatched);
  }

  /** Removes a descriptor, which must still be open. */
  remove(descriptor: number): void {
    this.#exceptional.delete(descriptor);
    if (this.#callbacks.delete(descriptor)) this.#epoll.remove(descriptor);
  }

  /**
   * Blocks this thread until an awaited slot is returned or a sandbox has an event, and handles the
   * events.
   *
   * @param timeoutMs Longest duration, in whole milliseconds.
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

  /** Stops waiting. */
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
      const descriptor = await this.#epoll.wait();
      if (this.#isClosed) return;
      this.block(0);
      if (this.#exceptional.has(descriptor)) this.#callbacks.get(descriptor)?.();
    }
  }
}
