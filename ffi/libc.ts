/**
 * The C library: the table of symbols that nfscribe calls, opened on first use
 * by absolute path, so that `--allow-ffi=PATH` can be scoped to it. What changes
 * the user has tables of its own: who does not ask for that never loads them.
 *
 * @module
 */

/** A sandbox takes it away from `Deno`, and opens symbols afterwards. */
const { permissions } = Deno;

/** Every symbol, each with its C declaration. */
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
  /** `int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags)` (sys/socket.h) */
  sendmmsg: {
    parameters: ["i32", "buffer", "u32", "i32"] as [
      sockfd: "i32",
      msgvec: "buffer",
      vlen: "u32",
      flags: "i32",
    ],
    result: "i32",
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
  /** `int poll(struct pollfd *fds, nfds_t nfds, int timeout)` (poll.h), on a thread of its own */
  poll: {
    parameters: ["buffer", "u64", "i32"] as [fds: "buffer", nfds: "u64", timeout: "i32"],
    result: "i32",
    nonblocking: true,
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

/** The opened symbols. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The part of `Deno.build` that decides where the C library is. */
export type Platform = Pick<typeof Deno.build, "arch" | "os" | "env">;

/**
 * Where the C library of this process may be, the likeliest path first. Only
 * the kind that Deno itself is linked with is named: a second C library in one
 * process would have an `errno` of its own.
 *
 * @param platform What Deno was built for.
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
 * Opens symbols of the C library, or says which flag is missing.
 *
 * @param symbols The table.
 * @returns The symbols.
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
  const granted = (path: string) =>
    permissions.querySync({ name: "ffi", path }).state === "granted";
  // On a terminal this asks the user once; anywhere else it answers "denied".
  const broad = paths.some(granted)
    ? false
    : permissions.requestSync({ name: "ffi" }).state === "granted";
  const failures: string[] = [];
  // The loader finds a bare name among the libraries already in the process,
  // which serves systems with no fixed place, as NixOS; it needs the broad right.
  const names = broad || granted("libc.so.6") ? [...paths, "libc.so.6"] : paths.filter(granted);
  for (const path of names) {
    try {
      return Deno.dlopen(path, symbols).symbols;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
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
 * The path of the C library that {@linkcode libc} will open, as far as it can be
 * told: one that the process may open, else one that is there, else the likeliest.
 */
export function libcPath(): string {
  const paths = libcPaths(Deno.build);
  const granted = (path: string) =>
    permissions.querySync({ name: "ffi", path }).state === "granted";
  return paths.find((path) => granted(path) && isThere(path)) ?? paths.find(isThere) ??
    paths.find(granted) ?? paths[0]!;
}

/** Whether a file is there, as far as it may be looked at. */
function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

let opened: Libc | undefined;

/**
 * The C library's symbols; the first call opens it.
 *
 * @returns The symbols, the same each time.
 * @throws {Deno.errors.NotCapable} If `--allow-ffi` does not cover it; the message names the flag.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 */
export function libc(): Libc {
  return opened ??= openSymbols(SYMBOLS);
}
