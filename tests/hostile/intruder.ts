/**
 * Acts as a compromised sandbox: sends through its socket, and writes to the memory that it shares
 * with nfscribe. Needs root.
 *
 * @module
 */

import { libc, openSymbols } from "../../ffi/libc.ts";
import { linkTarget } from "../../ffi/links.ts";
import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { SharedMemory } from "../../ffi/shared_memory.ts";
import { MessageSocket } from "../../ffi/socket_pair.ts";
import { systemCallNumber } from "../../ffi/syscall_numbers.ts";
import { until } from "../system/process.ts";
import { childrenOf } from "./memory.ts";

const SYMBOLS = {
  /** `long syscall(long number, …)` (unistd.h), for pidfd_open(2) and pidfd_getfd(2) */
  syscall: { parameters: ["i64", "i32", "i32", "i32"], result: "i64" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Descriptor of the sandbox's socket for messages. */
const SOCKET = 4;
/** `O_RDWR | O_CLOEXEC` (asm-generic/fcntl.h) */
const O_RDWR_CLOEXEC = 2 | 0o2000000;

/** Waits until nfscribe has a sandbox, and returns its process id. */
export async function sandboxOf(nfscribe: number): Promise<number> {
  await until("there is a sandbox", () => childrenOf(nfscribe).length > 0);
  return childrenOf(nfscribe)[0]!;
}

/** Duplicates a sandbox's end of the socket; undefined if the sandbox has just ended. */
export function socketOf(sandbox: number): MessageSocket | undefined {
  const c = openSymbols(SYMBOLS);
  const pidfd = Number(c.syscall(BigInt(systemCallNumber("pidfd_open")!), sandbox, 0, 0));
  if (pidfd < 0) return undefined;
  const fd = Number(c.syscall(BigInt(systemCallNumber("pidfd_getfd")!), pidfd, SOCKET, 0));
  libc().close(pidfd);
  return fd < 0 ? undefined : new MessageSocket(fd, 65_536);
}

/** Memory that nfscribe shares with its sandbox. */
export interface Ring extends Disposable {
  /** Words of the header and of the slots. */
  words: Int32Array;
  bytes: Uint8Array;
}

/** Maps the memory that nfscribe shares with its first sandbox. */
export function ringOf(nfscribe: number): Ring {
  const folder = `/proc/${nfscribe}/fd`;
  const entry = entriesOf(folder).find((name) =>
    linkTarget(`${folder}/${name}`)?.startsWith("/memfd:nfscribe sandbox") === true
  );
  // proc_pid_maps(5): "start-end mode offset device inode path"
  const line = readProcFile(`/proc/${nfscribe}/maps`)?.split("\n")
    .find((line) => line.includes("/memfd:nfscribe sandbox"));
  const [start, end] = line!.split(" ")[0]!.split("-").map((hex) => Number.parseInt(hex, 16));
  const size = end! - start!;
  const fd = libc().open(new TextEncoder().encode(`${folder}/${entry}\0`), O_RDWR_CLOEXEC);
  const memory = new SharedMemory(fd, size);
  libc().close(fd);
  const bytes = new Uint8Array(memory.part(0, size));
  return {
    words: new Int32Array(memory.part(0, 32_768)),
    bytes,
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}
