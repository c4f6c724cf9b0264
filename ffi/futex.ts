/**
 * Waits for a word of shared memory to change (futex(2)). `Atomics.wait` accepts only memory that
 * JavaScript allocated.
 */

import { lazySymbols } from "./libc.ts";
import { systemCallNumber } from "./syscall_numbers.ts";

/** `long syscall(long number, …)` (unistd.h): `uint32_t *uaddr, int futex_op, uint32_t val, const struct timespec *timeout` */
const FUTEX = ["i64", "buffer", "i32", "i32", "buffer"] as [
  number: "i64",
  uaddr: "buffer",
  op: "i32",
  val: "i32",
  timeout: "buffer",
];

const SYMBOLS = {
  futex: { name: "syscall", parameters: FUTEX, result: "i64" },
  /** Futex call on a thread of Deno's pool. */
  futexAsync: { name: "syscall", parameters: FUTEX, result: "i64", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/**
 * `FUTEX_WAIT` and `FUTEX_WAKE` (linux/futex.h), without `FUTEX_PRIVATE_FLAG`: the peer is another
 * process.
 */
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;

const SYS_FUTEX = BigInt(systemCallNumber("futex")!);

/** `struct timespec` (time.h): `s64 tv_sec`, `s64 tv_nsec`. */
const time = new BigInt64Array(2);
const timeBytes = new Uint8Array(time.buffer);

/** Word that processes wait for. */
export class Futex {
  /** Memory of the word, for the kernel. */
  readonly #word: Int32Array<ArrayBuffer>;

  /**
   * Selects a word.
   *
   * @param words Shared memory.
   * @param index Index of the word.
   */
  constructor(words: Int32Array<ArrayBuffer>, index: number) {
    this.#word = words.subarray(index, index + 1);
  }

  /**
   * Blocks this thread while the word has a value, until {@linkcode wake}; may return spuriously.
   *
   * @param value Value of the word.
   * @param timeoutMs Longest duration, in milliseconds; a minute at the most.
   */
  wait(value: number, timeoutMs: number): void {
    time[0] = BigInt(Math.floor(timeoutMs / 1000));
    time[1] = BigInt(Math.floor(timeoutMs % 1000 * 1e6));
    symbols().futex(SYS_FUTEX, this.#word, FUTEX_WAIT, value | 0, timeBytes);
  }

  /** Waits without blocking this thread, and without a timeout. */
  async waitAsync(value: number): Promise<void> {
    await symbols().futexAsync(SYS_FUTEX, this.#word, FUTEX_WAIT, value | 0, null);
  }

  /** Wakes all threads that wait for the word. */
  wake(): void {
    symbols().futex(SYS_FUTEX, this.#word, FUTEX_WAKE, 0x7fff_ffff, null);
  }
}
