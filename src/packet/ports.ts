/**
 * The two ports that TCP, UDP, UDP-Lite, SCTP and DCCP begin with. Functions, no
 * base class: a derived class with private fields takes half as long again to make.
 *
 * @module
 */

import { readBe16 } from "../bytes/memory.ts";

/** Bytes of the two ports. */
export const PORTS = 4;

/** Reads the source port of a header that begins at `at`. */
export function readSourcePort(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at);
}

/** Reads the destination port of a header that begins at `at`. */
export function readDestinationPort(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at + 2);
}
