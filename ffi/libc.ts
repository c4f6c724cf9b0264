/**
 * Opens the C library: symbols that nfscribe calls, loaded on first use by absolute path, so that
 * `--allow-ffi=PATH` can be scoped to it. Symbols for changing the user are in tables of their own,
 * loaded only when needed.
 */

import { messageOf } from "../src/errors.ts";

/** Kept: a sandbox removes it from `Deno` before it loads symbols. */
const { permissions } = Deno;

/** Common symbols, each with its C declaration. */
const SYMBOLS = {
  /** `int socket(int domain, int type, int protocol)` (sys/socket.h) */
  socket: {
    parameters: ["i32", "i32", "i32"] as [domain: "i32", type: "i32", protocol: "i32"],
    result: "i32",
  },
  /** `int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)` (sys/socket.h) */
  bind: {
    parameters: ["i32", "buffer", "u32"] as [sockfd: "i32", addr: "buffer", addrlen: "u32"],
    result: "i32",
  },
  /** `int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen)` (sys/socket.h) */
  connect: {
    parameters: ["i32", "buffer", "u32"] as [sockfd: "i32", addr: "buffer", addrlen: "u32"],
    result: "i32",
  },
  /** `int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen)` (sys/socket.h) */
  getsockname: {
    parameters: ["i32", "buffer", "buffer"] as [
      sockfd: "i32",
      addr: "buffer",
      addrlen: "buffer",
    ],
    result: "i32",
  },
  /** `int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen)` (sys/socket.h) */
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"] as [
      sockfd: "i32",
      level: "i32",
      optname: "i32",
      optval: "buffer",
      optlen: "u32",
    ],
    result: "i32",
  },
  /** `int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen)` (sys/socket.h) */
  getsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "buffer"] as [
      sockfd: "i32",
      level: "i32",
      optname: "i32",
      optval: "buffer",
      optlen: "buffer",
    ],
    result: "i32",
  },
  /** `ssize_t sendto(int sockfd, const void *buf, size_t len, int flags, const struct sockaddr *dest_addr, socklen_t addrlen)` (sys/socket.h) */
  sendto: {
    parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"] as [
      sockfd: "i32",
      buf: "buffer",
      len: "usize",
      flags: "i32",
      dest_addr: "buffer",
      addrlen: "u32",
    ],
    result: "isize",
  },
  /** `ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags, struct sockaddr *src_addr, socklen_t *addrlen)` (sys/socket.h) */
  recvfrom: {
    parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"] as [
      sockfd: "i32",
      buf: "buffer",
      len: "usize",
      flags: "i32",
      src_addr: "buffer",
      addrlen: "buffer",
    ],
    result: "isize",
  },
  /**
   * `int poll(struct pollfd *fds, nfds_t nfds, int timeout)` (poll.h), on a thread of Deno's pool
   */
  poll: {
    parameters: ["buffer", "u64", "i32"] as [fds: "buffer", nfds: "u64", timeout: "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** poll on this thread. */
  pollHere: {
    name: "poll",
    parameters: ["buffer", "u64", "i32"] as [fds: "buffer", nfds: "u64", timeout: "i32"],
    result: "i32",
  },
  /** `int eventfd(unsigned int initval, int flags)` (sys/eventfd.h) */
  eventfd: {
    parameters: ["u32", "i32"] as [initval: "u32", flags: "i32"],
    result: "i32",
  },
  /** `int open(const char *pathname, int flags)` (fcntl.h) */
  open: {
    parameters: ["buffer", "i32"] as [pathname: "buffer", flags: "i32"],
    result: "i32",
  },
  /** `ssize_t read(int fd, void *buf, size_t count)` (unistd.h) */
  read: {
    parameters: ["i32", "buffer", "usize"] as [fd: "i32", buf: "buffer", count: "usize"],
    result: "isize",
  },
  /** `ssize_t write(int fd, const void *buf, size_t count)` (unistd.h) */
  write: {
    parameters: ["i32", "buffer", "usize"] as [fd: "i32", buf: "buffer", count: "usize"],
    result: "isize",
  },
  /** `int setns(int fd, int nstype)` (sched.h) */
  setns: { parameters: ["i32", "i32"] as [fd: "i32", nstype: "i32"], result: "i32" },
  /** `int close(int fd)` (unistd.h) */
  close: { parameters: ["i32"] as [fd: "i32"], result: "i32" },
  /** `int clock_gettime(clockid_t clockid, struct timespec *tp)` (time.h) */
  clock_gettime: {
    parameters: ["i32", "buffer"] as [clockid: "i32", tp: "buffer"],
    result: "i32",
  },
  /** `void *memcpy(void *dest, const void *src, size_t n)` (string.h) */
  memcpy: {
    parameters: ["buffer", "pointer", "usize"] as [dest: "buffer", src: "pointer", n: "usize"],
    result: "pointer",
  },
  /** `int *__errno_location(void)` (errno.h; the name in glibc and musl) */
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Loaded symbols. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Part of `Deno.build` that decides the path of the C library. */
export type Platform = Pick<typeof Deno.build, "arch" | "os" | "env">;

/**
 * Returns possible paths of this process's C library, the most likely one first. Only the kind that
 * Deno itself is linked with is listed: a second C library in a process would have its own `errno`.
 *
 * @param platform Platform that Deno was built for.
 * @returns Absolute paths.
 *
 * @example A Debian machine
 * ```ts ignore
 * libcPaths({ os: "linux", arch: "x86_64", env: "gnu" })[0]; // "/lib/x86_64-linux-gnu/libc.so.6"
 * ```
 */
export function libcPaths(platform: Platform): string[] {
  const { arch } = platform;
  if (platform.env?.includes("musl")) {
    return [`/lib/ld-musl-${arch}.so.1`, `/lib/libc.musl-${arch}.so.1`, "/usr/lib/libc.so"];
  }
  return [
    `/lib/${arch}-linux-gnu/libc.so.6`, // Debian, Ubuntu
    "/lib64/libc.so.6", // Fedora, SUSE
    "/usr/lib/libc.so.6", // Arch
  ];
}

/**
 * Returns a function that returns symbols of the C library, the same at each call; the first call
 * loads them.
 */
export function lazySymbols<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): () => Deno.DynamicLibrary<Symbols>["symbols"] {
  let opened: Deno.DynamicLibrary<Symbols>["symbols"] | undefined;
  return () => opened ??= openSymbols(symbols);
}

/**
 * Loads symbols of the C library.
 *
 * @param symbols Table of symbols.
 * @returns Symbols.
 * @throws {Deno.errors.NotCapable} If `--allow-ffi` does not cover it; the message names the flag.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 */
export function openSymbols<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols>["symbols"] {
  if (Deno.build.os !== "linux") {
    throw new Deno.errors.NotSupported(
      `Cannot open a netlink socket on ${Deno.build.os}: netfilter is a part of Linux; run nfscribe there`,
    );
  }
  const paths = libcPaths(Deno.build);
  // Prompts the user on a terminal; otherwise the state is "denied".
  const broad = paths.some(granted)
    ? false
    : permissions.requestSync({ name: "ffi" }).state === "granted";
  const failures: string[] = [];
  // The loader finds a name without a path among the libraries of the process, for systems without
  // a fixed path, such as NixOS; this needs the right without a path.
  const names = broad || granted("libc.so.6") ? [...paths, "libc.so.6"] : paths.filter(granted);
  for (const path of names) {
    try {
      return Deno.dlopen(path, symbols).symbols;
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  if (failures.length === 0) {
    throw new Deno.errors.NotCapable(
      `Cannot open the C library: nfscribe reaches netlink through it, and Deno was started without that right; ` +
        `run again with --allow-ffi=${paths[0]} (or --allow-ffi)`,
    );
  }
  throw new Deno.errors.NotFound(
    `Cannot open the C library, tried ${names.join(", ")}: ${
      failures.at(-1)
    }; run again with --allow-ffi`,
  );
}

/**
 * Returns the path of the C library that {@linkcode libc} will probably load: one that Deno may
 * load, else one that exists, else the most likely one.
 */
export function libcPath(): string {
  const paths = libcPaths(Deno.build);
  return paths.find((path) => granted(path) && isThere(path)) ?? paths.find(isThere) ??
    paths.find(granted) ?? paths[0]!;
}

/** Returns whether Deno may load a library. */
function granted(path: string): boolean {
  return permissions.querySync({ name: "ffi", path }).state === "granted";
}

/** Returns whether a file exists, if that may be checked. */
function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Returns the C library's symbols; the first call loads them.
 *
 * @throws {Deno.errors.NotCapable} If `--allow-ffi` does not cover it; the message names the flag.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 */
export const libc: () => Libc = lazySymbols(SYMBOLS);
