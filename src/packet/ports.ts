/**
 * The two ports at the start of TCP, UDP, UDP-Lite, SCTP and DCCP headers. Functions instead of a
 * base class: creating a derived class with private fields takes half as long again.
 */

import { readBe16 } from "../bytes/memory.ts";

/** Size of the two ports in bytes. */
export const PORTS = 4;

/** Reads the source port of a header that begins at `at`. */
export function readSourcePort(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at);
}

/** Reads the destination port of a header that begins at `at`. */
export function readDestinationPort(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at + 2);
}
