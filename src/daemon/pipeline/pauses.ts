/**
 * Chooses the length of pauses in which packets gather before they are received, as interrupt
 * moderation of network cards: one wake-up serves thousands of packets. Pure.
 */

import { DATAGRAM_MAX, type Reader } from "../../source/source.ts";

/** Lengths, in milliseconds. */
const [SHORT_MS, LONG_MS] = [8, 16];
/** Part of the smallest buffer that may fill in a long pause; the kernel doubles its size. */
const LONG_PART = 2 / 5;

/** The pauses of a loop that receives datagrams. */
export class Pauses {
  /** Datagrams that were received since the last pause began. */
  #gathered = 0;
  /** Time when it began; NaN if datagrams were waited for since. */
  #beganMs = NaN;

  /** Counts datagrams that were received. */
  count(datagrams: number): void {
    this.#gathered += datagrams;
  }

  /** Forgets when the last pause began: datagrams were waited for. */
  interrupt(): void {
    this.#beganMs = NaN;
  }

  /**
   * Begins a pause.
   *
   * @param sources Sources with their readers.
   * @param nowMs The time, in milliseconds.
   * @returns Its length in milliseconds: short unless few datagrams are known to come.
   */
  begin(
    sources: readonly { readonly reader: Reader }[],
    nowMs: number = performance.now(),
  ): number {
    const perMs = this.#gathered / (nowMs - this.#beganMs);
    this.#gathered = 0;
    this.#beganMs = nowMs;
    const smallest = Math.min(...sources.map(({ reader }) => reader.bufferBytes ?? Infinity));
    return perMs * LONG_MS * DATAGRAM_MAX <= smallest * LONG_PART ? LONG_MS : SHORT_MS;
  }
}
