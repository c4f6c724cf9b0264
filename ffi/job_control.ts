/** Job control of a terminal (POSIX, general terminal interface): the foreground, and stopping. */

import { lazySymbols } from "./libc.ts";

const SYMBOLS = {
  /** `pid_t tcgetpgrp(int fd)` (unistd.h) */
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  /** `pid_t getpgrp(void)` (unistd.h) */
  getpgrp: { parameters: [], result: "i32" },
  /** `int kill(pid_t pid, int sig)` (signal.h) */
  kill: { parameters: ["i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const STDIN = 0;
/** `SIGSTOP` (asm-generic/signal.h) */
const SIGSTOP = 19;

const symbols = lazySymbols(SYMBOLS);

/**
 * Loads the symbols.
 *
 * @throws {Deno.errors.NotCapable} If `--allow-ffi` does not cover it.
 */
export function prepareJobControl(): void {
  symbols();
}

/** Returns whether this process is in the foreground of the terminal at its standard input. */
export function isForeground(): boolean {
  return symbols().tcgetpgrp(STDIN) === symbols().getpgrp();
}

/** Stops this process, as Ctrl-Z does, until it is continued. */
export function stopItself(): void {
  symbols().kill(Deno.pid, SIGSTOP);
}
