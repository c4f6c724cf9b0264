/**
 * Properties of a type of source that its conformance suites need.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";

/** Cases that a source may leave out. */
export type SourceCase = "numbers" | "loss" | "foreign sender" | "stop" | "handover";

/** One type of source, as the suites use it. */
export interface SourceFixture {
  /** Options of its decoder. */
  options: Options;
  /**
   * Returns a packet as it lies in a datagram, a multiple of 4 bytes long, with its number as the
   * source port, and as its number in the group where the source has such.
   */
  packet(number: number): Uint8Array<ArrayBuffer>;
  /** Cases that do not apply, with the reason. */
  exceptions: Readonly<Partial<Record<SourceCase, string>>>;
}
