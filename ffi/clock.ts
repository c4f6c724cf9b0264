/** Wall clock with nanoseconds. */

import { libc } from "./libc.ts";

/** `CLOCK_REALTIME` (time.h) */
const CLOCK_REALTIME = 0;
/** `CLOCK_MONOTONIC` (time.h) */
const CLOCK_MONOTONIC = 1;

/** `struct timespec` (time.h): `s64 tv_sec`, `s64 tv_nsec`, read as words. */
const words = new Uint32Array(4);
const bytes = new Uint8Array(words.buffer);

/** Time since the Unix epoch; one object, updated by each reading. */
export class WallClock {
  /** Whole seconds since the epoch. */
  seconds = 0;
  /** Nanoseconds of that second, 0 to 999,999,999. */
  nanoseconds = 0;

  /** Reads the clock. */
  read(): void {
    libc().clock_gettime(CLOCK_REALTIME, bytes);
    this.seconds = words[1]! * 0x1_0000_0000 + words[0]!;
    this.nanoseconds = words[2]!;
  }

  /** Time of the last reading, in milliseconds. */
  get milliseconds(): number {
    return this.seconds * 1000 + this.nanoseconds / 1e6;
  }
}

/** Returns microseconds of `CLOCK_MONOTONIC`, which all processes share. */
export function monotonicMicroseconds(): bigint {
  const time = new BigInt64Array(2);
  libc().clock_gettime(CLOCK_MONOTONIC, new Uint8Array(time.buffer));
  return time[0]! * 1_000_000n + time[1]! / 1000n;
}
