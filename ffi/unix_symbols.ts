/** Symbols of the C library for Unix sockets, beside the common table. */

import { lazySymbols } from "./libc.ts";

const SYMBOLS = {
  /** `ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags)` (sys/socket.h) */
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  /** `ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags)` (sys/socket.h) */
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  /** `int listen(int sockfd, int backlog)` (sys/socket.h) */
  listen: { parameters: ["i32", "i32"], result: "i32" },
  /** `int accept4(int sockfd, struct sockaddr *addr, socklen_t *addrlen, int flags)` (sys/socket.h) */
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  /** `int fchmod(int fd, mode_t mode)` (sys/stat.h) */
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  /** `uid_t geteuid(void)` (unistd.h) */
  geteuid: { parameters: [], result: "u32" },
  /**
   * Returns the address of a buffer: `memcpy` returns its first argument. Deno's own function needs
   * the FFI right without a path.
   */
  addressOf: { name: "memcpy", parameters: ["buffer", "buffer", "usize"], result: "u64" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Loaded symbols. */
export type UnixSymbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/**
 * Returns the symbols; the first call loads them, which needs the right for that.
 *
 * @throws {Deno.errors.NotCapable} If `--allow-ffi` does not cover it; the message names the flag.
 */
export const unixSymbols: () => UnixSymbols = lazySymbols(SYMBOLS);
