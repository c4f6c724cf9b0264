/** Disconnects files from the disk that a library of this process holds open. */

import { entriesOf } from "./files.ts";
import { lazySymbols, libc } from "./libc.ts";
import { linkTarget } from "./links.ts";
import { readProcFile } from "./proc_file.ts";

const SYMBOLS = {
  /** `int dup3(int oldfd, int newfd, int flags)` (unistd.h) */
  dup3: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)` (sys/mman.h) */
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `O_CLOEXEC`, and `O_RDWR | O_CLOEXEC` (asm-generic/fcntl.h) */
const O_CLOEXEC = 0o2000000;
const O_RDWR_CLOEXEC = 2 | O_CLOEXEC;
/** `PROT_READ | PROT_WRITE` (asm-generic/mman-common.h) */
const READ_WRITE = 1 | 2;
/** `MAP_PRIVATE | MAP_FIXED` (linux/mman.h) */
const PRIVATE_FIXED = 0x02 | 0x10;
/** A line of `/proc/self/maps` about memory that is written through to a file. */
const SHARED = /^([0-9a-f]+)-([0-9a-f]+) rw.s ([0-9a-f]+) \S+ \d+ +(\/.*)$/gm;

/**
 * Disconnects files: their descriptors are replaced by /dev/null, and their memory mappings become
 * private copies, so that nothing more is written. A library that uses them, such as SQLite, gets
 * errors; its requests for locks succeed without effect on other processes.
 *
 * @param isMeant Selects files by path.
 */
export function cutOffFiles(isMeant: (path: string) => boolean): void {
  const nowhere = libc().open(new TextEncoder().encode("/dev/null\0"), O_RDWR_CLOEXEC);
  const files = entriesOf("/proc/self/fd").flatMap((entry) => {
    const path = linkTarget(`/proc/self/fd/${entry}`);
    return path?.startsWith("/") === true && isMeant(path) ? [{ fd: Number(entry), path }] : [];
  });
  // Mappings first: their copies are made from the descriptor's file.
  for (const [, start, end, offset, path] of readProcFile("/proc/self/maps")!.matchAll(SHARED)) {
    const file = files.find((file) => file.path === path);
    if (file === undefined) continue;
    const [from, to] = [BigInt(`0x${start}`), BigInt(`0x${end}`)];
    symbols().mmap(from, to - from, READ_WRITE, PRIVATE_FIXED, file.fd, BigInt(`0x${offset}`));
  }
  for (const { fd } of files) symbols().dup3(nowhere, fd, O_CLOEXEC);
  libc().close(nowhere);
}
