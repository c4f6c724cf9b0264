/**
 * Starts programs with exactly the given descriptors and environment (posix_spawn(3)), and watches
 * them through a descriptor (pidfd_open(2)). `Deno.Command` needs `--allow-run` and passes on three
 * descriptors only.
 */

import { setCloseOnExec } from "./descriptor.ts";
import { entriesOf } from "./files.ts";
import { lazySymbols, libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { cString, StringList } from "./c_strings.ts";
import { systemCallNumber } from "./syscall_numbers.ts";

const SYMBOLS = {
  /** `int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const argv[], char *const envp[])` (spawn.h) */
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  /** `int posix_spawn_file_actions_init(posix_spawn_file_actions_t *)` (spawn.h) */
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  /** `int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *)` (spawn.h) */
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  /** `int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *, int fildes, int newfildes)` (spawn.h) */
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  /** `int posix_spawnattr_init(posix_spawnattr_t *)` (spawn.h) */
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  /** `int posix_spawnattr_destroy(posix_spawnattr_t *)` (spawn.h) */
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  /** `int posix_spawnattr_setflags(posix_spawnattr_t *, short flags)` (spawn.h) */
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  /** `int posix_spawnattr_setsigdefault(posix_spawnattr_t *, const sigset_t *)` (spawn.h) */
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  /** `int fcntl(int fd, int op, …)` (fcntl.h) */
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `long syscall(long number, …)` (unistd.h), for pidfd_open(2) and pidfd_send_signal(2) */
  syscall: { parameters: ["i64", "i32", "i32", "i64", "i32"], result: "i64" },
  /** `int kill(pid_t pid, int sig)` (signal.h) */
  kill: { parameters: ["i32", "i32"], result: "i32" },
  /** `int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options)` (sys/wait.h) */
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/**
 * More bytes than `posix_spawn_file_actions_t` (80) and `posix_spawnattr_t` (336) have, in glibc
 * and musl.
 */
const STRUCT_SIZE = 512;
/** `sizeof(sigset_t)` (signal.h) */
const SIGSET_SIZE = 128;
/**
 * `POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID` (spawn.h): a new session
 * has no terminal, and receives no signal of one.
 */
const SPAWN_FLAGS = 0x04 | 0x08 | 0x80;
/** `F_DUPFD_CLOEXEC` (linux/fcntl.h) */
const F_DUPFD_CLOEXEC = 1030;
/** Lowest descriptor for copies: above those of any program. */
const FIRST_FREE = 64;
/** `P_PIDFD` (linux/wait.h) */
const P_PIDFD = 3;
/** `WNOHANG | WEXITED` (linux/wait.h) */
const WNOHANG_WEXITED = 1 | 4;
/** `SIGKILL` (asm-generic/signal.h) */
const SIGKILL = 9;
/** `CLD_EXITED` (asm-generic/siginfo.h) */
const CLD_EXITED = 1;

const SYS_PIDFD_OPEN = BigInt(systemCallNumber("pidfd_open")!);
const SYS_PIDFD_SEND_SIGNAL = BigInt(systemCallNumber("pidfd_send_signal")!);

/** Program to start. */
export interface Program {
  /** Path of the executable. */
  path: string;
  /** Arguments, the name first. */
  args: readonly string[];
  /** Whole environment. */
  env: Readonly<Record<string, string>>;
  /** Descriptors that become 0, 1, 2 and so on; it inherits no others. */
  descriptors: readonly number[];
}

/** Exit of a program. */
export interface Exit {
  /** Exit status; undefined after a signal. */
  status: number | undefined;
  /** Signal number; undefined after an exit. */
  signal: number | undefined;
}

/** Started program. */
export class ChildProcess implements Disposable {
  readonly pid: number;
  /** pidfd, readable after the exit; -1 after {@linkcode Symbol.dispose}. */
  #pidfd: number;
  #exit: Exit | undefined;

  /**
   * Starts a program. Descriptors that this process inherited, except the standard ones, are not
   * passed on to any program from then on.
   *
   * @throws {NetlinkError} If the system refuses.
   */
  constructor(program: Program) {
    this.pid = spawn(program);
    this.#pidfd = Number(symbols().syscall(SYS_PIDFD_OPEN, this.pid, 0, 0n, 0));
    if (this.#pidfd < 0) throw systemCallError(`watch process ${this.pid}`);
  }

  /** Descriptor that is readable after the exit. */
  get descriptor(): number {
    return this.#pidfd;
  }

  kill(): void {
    if (this.#pidfd < 0 || this.#exit !== undefined) return;
    symbols().syscall(SYS_PIDFD_SEND_SIGNAL, this.#pidfd, SIGKILL, 0n, 0);
  }

  /** Kills it and all programs that it started, which are in its process group. */
  killAll(): void {
    // Its process id is not reused before its exit was read.
    if (this.#pidfd >= 0 && this.exit === undefined) symbols().kill(-this.pid, SIGKILL);
  }

  /** Exit, without waiting; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit ??= this.#wait();
  }

  /** Closes the pidfd; a program whose exit was not read stays a zombie until this process ends. */
  [Symbol.dispose](): void {
    if (this.#pidfd < 0) return;
    libc().close(this.#pidfd);
    this.#pidfd = -1;
  }

  #wait(): Exit | undefined {
    // siginfo_t (asm-generic/siginfo.h), 128 bytes: si_code at 8, si_pid at 16, si_status at 24.
    const info = new Int32Array(32);
    const bytes = new Uint8Array(info.buffer);
    const failed = symbols().waitid(P_PIDFD, this.#pidfd, bytes, WNOHANG_WEXITED) < 0;
    if (failed || info[4] === 0) return undefined;
    const status = info[6]!;
    return info[2] === CLD_EXITED
      ? { status, signal: undefined }
      : { status: undefined, signal: status };
  }
}

function spawn({ path, args, env, descriptors }: Program): number {
  const c = symbols();
  const actions = new Uint8Array(STRUCT_SIZE);
  const attributes = new Uint8Array(STRUCT_SIZE);
  c.posix_spawn_file_actions_init(actions);
  c.posix_spawnattr_init(attributes);
  // Copied above the final numbers, so that no descriptor overwrites another.
  const copies = descriptors.map((fd) => c.fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE));
  try {
    for (const entry of entriesOf("/proc/self/fd")) {
      if (Number(entry) > 2) setCloseOnExec(Number(entry));
    }
    if (copies.some((fd) => fd < 0)) throw systemCallError("hand a descriptor to a program");
    copies.forEach((fd, number) => c.posix_spawn_file_actions_adddup2(actions, fd, number));
    c.posix_spawnattr_setflags(attributes, SPAWN_FLAGS);
    c.posix_spawnattr_setsigdefault(attributes, new Uint8Array(SIGSET_SIZE).fill(0xff));
    const pid = new Int32Array(1);
    const list = new StringList(args);
    const environment = new StringList(
      Object.entries(env).map(([name, value]) => `${name}=${value}`),
    );
    const errno = c.posix_spawn(
      new Uint8Array(pid.buffer),
      cString(path),
      actions,
      attributes,
      list.pointers,
      environment.pointers,
    );
    if (errno !== 0) throw systemCallError(`start ${path}`, errno);
    return pid[0]!;
  } finally {
    for (const fd of copies) if (fd >= 0) libc().close(fd);
    c.posix_spawn_file_actions_destroy(actions);
    c.posix_spawnattr_destroy(attributes);
  }
}
