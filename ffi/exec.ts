/**
 * Replaces this process by another program (exec(3)). `Deno.Command` needs `--allow-run`, and a
 * process that waits and forwards signals while the program runs.
 */

import { openSymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { cString, StringList } from "./c_strings.ts";

const SYMBOLS = {
  /** `int execvp(const char *file, char *const argv[])` (unistd.h) */
  execvp: { parameters: ["buffer", "buffer"], result: "i32" },
  /** `sighandler_t signal(int signum, sighandler_t handler)` (signal.h) */
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `SIGPIPE` (asm-generic/signal.h) */
const SIGPIPE = 13;
/** `SIG_DFL` (asm-generic/signal-defs.h) */
const SIG_DFL = null;

/**
 * Executes a program, which keeps this process's id, environment, terminal and standard
 * descriptors.
 *
 * @param args Name, looked up in the search path, and arguments.
 * @throws {NetlinkError} If there is no such program, or the system refuses.
 */
export function becomeProgram(args: readonly [name: string, ...rest: string[]]): never {
  const { execvp, signal } = openSymbols(SYMBOLS);
  const list = new StringList(args);
  // Deno ignores SIGPIPE, and the program would inherit that.
  signal(SIGPIPE, SIG_DFL);
  execvp(cString(args[0]), list.pointers);
  throw systemCallError(`start ${args[0]}`);
}
