/**
 * Descriptors of this process: what they are, and whose they become.
 *
 * @module
 */

import { entriesOf } from "./files.ts";
import { libc, openSymbols } from "./libc.ts";
import { linkTarget } from "./links.ts";

const SYMBOLS = {
  /** `int fcntl(int fd, int op, …)` (fcntl.h) */
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `int dup3(int oldfd, int newfd, int flags)` (unistd.h) */
  dup3: { parameters: ["i32", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `F_SETFD` and `FD_CLOEXEC` (asm-generic/fcntl.h) */
const F_SETFD = 2;
const FD_CLOEXEC = 1;
/** `O_RDONLY | O_CLOEXEC`, and `O_CLOEXEC` alone (asm-generic/fcntl.h) */
const O_CLOEXEC = 0o2000000;

/**
 * Keeps programs that are started from getting a descriptor, too.
 *
 * @returns Whether something is open under that number.
 */
export function setCloseOnExec(descriptor: number): boolean {
  return symbols().fcntl(descriptor, F_SETFD, FD_CLOEXEC) === 0;
}

/** Closes a descriptor. */
export function closeDescriptor(descriptor: number): void {
  libc().close(descriptor);
}

/**
 * Has descriptors that lead to files lead to /dev/null instead, where nothing can be
 * written through them. They stay open, so that no other file gets their number while
 * somebody uses it still.
 *
 * @param first The smallest descriptor that is looked at.
 * @param isMeant Which files, by their path; all by default.
 */
export function replaceOpenFiles(
  first: number,
  isMeant: (path: string) => boolean = () => true,
): void {
  const nowhere = libc().open(new TextEncoder().encode("/dev/null\0"), O_CLOEXEC);
  for (const entry of entriesOf("/proc/self/fd")) {
    const descriptor = Number(entry);
    if (descriptor < first || descriptor === nowhere) continue;
    const path = linkTarget(`/proc/self/fd/${entry}`);
    // Sockets, pipes and what has no path are named as in "socket:[4711]".
    if (path?.startsWith("/") !== true || path.startsWith("/dev/") || !isMeant(path)) continue;
    symbols().dup3(nowhere, descriptor, O_CLOEXEC);
  }
  if (nowhere >= 0) libc().close(nowhere);
}
