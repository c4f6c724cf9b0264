/**
 * Memory that two processes share: a memory file (memfd_create(2)) mapped by both, and sealed so
 * that neither can change its size.
 */

import { cString } from "./c_strings.ts";
import { lazySymbols, libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `int memfd_create(const char *name, unsigned int flags)` (sys/mman.h) */
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  /** `int ftruncate(int fd, off_t length)` (unistd.h) */
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  /** `int fcntl(int fd, int op, …)` (fcntl.h) */
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)` (sys/mman.h) */
  mmap: {
    parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"] as [
      addr: "pointer",
      length: "usize",
      prot: "i32",
      flags: "i32",
      fd: "i32",
      offset: "i64",
    ],
    result: "pointer",
  },
  /** `int munmap(void *addr, size_t length)` (sys/mman.h) */
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `MFD_CLOEXEC | MFD_ALLOW_SEALING` (linux/memfd.h) */
const MFD_FLAGS = 1 | 2;
/** `F_ADD_SEALS` (linux/fcntl.h) */
const F_ADD_SEALS = 1033;
/**
 * `F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW` (linux/fcntl.h). If a process shrank the file, the
 * other one would get SIGBUS at its next access.
 */
const FIXED_SIZE = 1 | 2 | 4;
/** `PROT_READ | PROT_WRITE` (asm-generic/mman-common.h) */
const READ_WRITE = 1 | 2;
/** `MAP_SHARED` (linux/mman.h) */
const MAP_SHARED = 1;
/** `MAP_FAILED` (sys/mman.h) */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/**
 * Creates a memory file of fixed size.
 *
 * @param name Name, shown in `/proc`.
 * @param size Size in bytes.
 * @returns Descriptor, closed in programs that are started.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function makeSharedFile(name: string, size: number): number {
  const c = symbols();
  const fd = c.memfd_create(cString(name), MFD_FLAGS);
  if (fd < 0) throw systemCallError("make shared memory");
  if (c.ftruncate(fd, BigInt(size)) < 0 || c.fcntl(fd, F_ADD_SEALS, FIXED_SIZE) < 0) {
    const error = systemCallError("set the size of shared memory");
    libc().close(fd);
    throw error;
  }
  return fd;
}

/** Mapping of shared memory. Needs the FFI right without a path, as all pointers of Deno do. */
export class SharedMemory implements Disposable {
  readonly #address: Deno.PointerObject;
  readonly #size: number;
  readonly #views: ArrayBuffer[] = [];

  /**
   * Maps a memory file.
   *
   * @param fd Descriptor, which may be closed afterwards.
   * @param size Size in bytes.
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(fd: number, size: number) {
    const address = symbols().mmap(null, BigInt(size), READ_WRITE, MAP_SHARED, fd, 0n);
    if (address === null || Deno.UnsafePointer.value(address) === MAP_FAILED) {
      throw systemCallError("map shared memory");
    }
    this.#address = address;
    this.#size = size;
  }

  /**
   * Returns a part of the memory as a buffer.
   *
   * @param offset Offset of its first byte.
   * @param length Length in bytes.
   * @throws {RangeError} If it is not within the memory.
   */
  part(offset: number, length: number): ArrayBuffer {
    if (offset < 0 || length < 0 || offset + length > this.#size) {
      throw new RangeError(`Cannot view ${length} bytes at ${offset}: there are ${this.#size}`);
    }
    const start = Deno.UnsafePointer.offset(this.#address, offset)!;
    const view = Deno.UnsafePointerView.getArrayBuffer(start, length);
    this.#views.push(view);
    return view;
  }

  /** Unmaps the memory; arrays on it become empty. */
  [Symbol.dispose](): void {
    // Access to an unmapped buffer would end the process; a detached one has no bytes.
    for (const view of this.#views.splice(0)) view.transfer(0);
    symbols().munmap(this.#address, BigInt(this.#size));
  }
}
