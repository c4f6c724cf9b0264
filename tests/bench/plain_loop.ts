/**
 * Measures a fixed piece of work of the same kind as a packet's, to compare with: a machine that is
 * slower, or busy with other things, is so for both.
 *
 * @module
 */

import { cpuNanoseconds } from "../ffi/cpu_clock.ts";

/** Pieces of memory, as many as a few slots have packets. */
const PIECES = 6400;
/** Bytes from one piece to the next, as of a packet with its attributes. */
const SIZE = 256;
/** Bytes that are copied of each, as of a packet of 100 bytes. */
const COPIED = 104;
const TIMES = 100;

const from = new DataView(new ArrayBuffer(SIZE * PIECES));
const to = new DataView(new ArrayBuffer(SIZE * PIECES));

/** Reads and copies pieces of memory in a plain loop; returns the CPU nanoseconds for each. */
export function plainLoop(): number {
  const before = cpuNanoseconds(Deno.pid);
  for (let time = 0; time < TIMES; time++) copyAll();
  return (cpuNanoseconds(Deno.pid) - before) / TIMES / PIECES;
}

function copyAll(): void {
  for (let piece = 0; piece < PIECES; piece++) {
    const start = SIZE * piece;
    to.setUint16(start, from.getUint16(start) + 1);
    for (let at = start; at < start + COPIED; at += 8) {
      to.setFloat64(at, from.getFloat64(at, true), true);
    }
  }
}
