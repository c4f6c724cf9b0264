/**
 * Takeover by another process, as the running one sees it: it goes on unless the other one confirms
 * that it reads.
 */

import { messageOf } from "../errors.ts";
import { HandoverServer } from "../handover/server.ts";
import type { LiveSource } from "../handover/state.ts";
import type { Log } from "../log/log.ts";

/** Takeover of a running process, once it is requested. */
export class Takeover implements AsyncDisposable {
  readonly #stop: AbortSignal;
  readonly #log: Log;
  #begun = new AbortController();
  #signal: AbortSignal;
  #handover: HandoverServer | undefined;
  #isAnswering = false;

  /**
   * None is requested yet.
   *
   * @param stop Stops the run.
   * @param log Receives messages.
   */
  constructor(stop: AbortSignal, log: Log) {
    this.#stop = stop;
    this.#log = log;
    this.#signal = AbortSignal.any([stop, this.#begun.signal]);
  }

  /** Aborted at a stop, and when a takeover begins. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** Whether another process takes over. */
  get isUnderWay(): boolean {
    return this.#handover !== undefined;
  }

  /** Process id of the other process. */
  get pid(): number {
    return this.#handover!.pid;
  }

  /**
   * Answers a request.
   *
   * @param path Socket for counters, on which it was received.
   * @param nonce Nonce of the request.
   * @param onBegin Called right before {@linkcode signal} is aborted.
   */
  async begin(path: string, nonce: string, onBegin: () => void): Promise<void> {
    if (this.#isAnswering || this.isUnderWay || this.#stop.aborted) return;
    this.#isAnswering = true;
    try {
      this.#handover = await HandoverServer.answer(path, nonce);
      this.#log.info("Another process takes over", { pid: this.pid });
      onBegin();
      this.#begun.abort();
    } catch (error) {
      this.#log.warn(messageOf(error));
    } finally {
      this.#isAnswering = false;
    }
  }

  /**
   * Sends the sockets and waits until the other process is about to read.
   *
   * @returns Whether it is; otherwise the takeover is over, and another one may be requested.
   */
  async isConfirmed(sources: readonly LiveSource[]): Promise<boolean> {
    const handover = this.#handover!;
    try {
      handover.sendSockets(sources);
      if (await handover.isConfirmed()) return true;
    } catch {
      // It has ended.
    }
    this.#log.warn("The other process did not take over; this one goes on", { pid: handover.pid });
    this.#handover = undefined;
    await handover[Symbol.asyncDispose]();
    this.#begun = new AbortController();
    this.#signal = AbortSignal.any([this.#stop, this.#begun.signal]);
    return false;
  }

  /** Tells the other process that this one has left everything to it. */
  leave(): void {
    this.#handover!.leave();
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handover?.[Symbol.asyncDispose]();
  }
}
