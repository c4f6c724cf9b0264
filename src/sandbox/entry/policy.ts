/**
 * Lists the system calls that a sealed sandbox may make, each with its reason. All others fail with
 * EPERM.
 */

import type { ArgumentTest, CallRule } from "../../../ffi/seccomp.ts";
import type { SystemCall } from "../../../ffi/syscall_numbers.ts";
import type { FilterPermissions } from "../../filter/options.ts";

/** Calls that are allowed for one reason. */
export interface Allowance {
  calls: readonly SystemCall[];
  /** Purpose. */
  why: string;
  /** Argument tests, one of which must pass; absent to allow any arguments. */
  onlyIf?: readonly (readonly ArgumentTest[])[];
}

/** `PROT_EXEC` (asm-generic/mman-common.h) */
const PROT_EXEC = 4;
/** `CLONE_THREAD` (linux/sched.h) */
const CLONE_THREAD = 0x0001_0000;
/** `PR_SET_NAME` and `PR_SET_VMA` (linux/prctl.h) */
const PR_SET_NAME = 15;
const PR_SET_VMA = 0x5356_4d41;
/**
 * `O_ACCMODE | O_CREAT | O_TRUNC | __O_TMPFILE` (asm-generic/fcntl.h): all of them are 0 when a
 * file is opened to be read only.
 */
const WAYS_TO_WRITE = 0o3 | 0o100 | 0o1000 | 0o20000000;
/** `AF_INET` and `AF_INET6` (linux/socket.h) */
const AF_INET = 2;
const AF_INET6 = 10;
/** `ENOSYS` (asm-generic/errno.h) */
const ENOSYS = 38;

/**
 * Returns the calls that every sandbox may make.
 *
 * @param pid Process id of the sandbox.
 */
function basicCalls(pid: number): Allowance[] {
  return [
    { calls: ["futex"], why: "waiting for slots, and for other threads of V8" },
    {
      calls: ["write", "writev", "sendto", "read", "readv", "recvfrom", "close"],
      why: "messages, signals for slots, standard error: descriptors that are open already",
    },
    {
      calls: ["epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_ctl", "poll", "ppoll"],
      why: "Deno's event loop",
    },
    {
      calls: ["clock_gettime", "clock_getres", "gettimeofday", "clock_nanosleep", "nanosleep"],
      why: "time and timers, where the vDSO does not serve",
    },
    {
      calls: ["munmap", "madvise", "mremap", "brk", "mprotect", "pkey_mprotect", "membarrier"],
      why: "memory of V8, machine code of what runs often among it",
    },
    {
      calls: ["mmap"],
      why: "memory; machine code goes where V8 has reserved room at its start",
      onlyIf: [[{ argument: 2, mask: PROT_EXEC, value: 0 }]],
    },
    {
      calls: [
        "sched_yield",
        "sched_getaffinity",
        "sched_getparam",
        "sched_getscheduler",
        "set_robust_list",
        "rseq",
        "gettid",
        "getpid",
        "rt_sigprocmask",
        "rt_sigreturn",
        "sigaltstack",
        "restart_syscall",
        "exit",
      ],
      why: "starting and ending threads of Deno's pools",
    },
    {
      calls: ["clone"],
      why: "threads, and no processes",
      onlyIf: [[{ argument: 0, mask: CLONE_THREAD, value: CLONE_THREAD }]],
    },
    {
      calls: ["prctl"],
      why: "names of threads and of memory",
      onlyIf: [[{ argument: 0, value: PR_SET_NAME }], [{ argument: 0, value: PR_SET_VMA }]],
    },
    {
      calls: ["tgkill"],
      why: "abort() of its own, as on exhausted memory",
      onlyIf: [[{ argument: 0, value: pid }]],
    },
    { calls: ["exit_group"], why: "its own exit" },
    { calls: ["getrandom", "getrusage"], why: "random numbers, and V8's figures" },
  ];
}

/** Calls for connections. */
const NETWORK: readonly Allowance[] = [
  {
    calls: ["socket"],
    why: "connections over IP",
    onlyIf: [[{ argument: 0, value: AF_INET }], [{ argument: 0, value: AF_INET6 }]],
  },
  {
    calls: [
      "connect",
      "bind",
      "listen",
      "accept4",
      "getsockname",
      "getpeername",
      "getsockopt",
      "setsockopt",
      "shutdown",
      "sendmsg",
      "recvmsg",
    ],
    why: "connections over IP",
  },
];

/** Calls for metadata of files; their contents are read with `read` of the basic calls. */
const METADATA: readonly Allowance[] = [
  {
    calls: ["statx", "fstat", "newfstatat", "lstat", "stat", "lseek", "pread64", "fcntl"],
    why: "open files, and metadata of others",
  },
  {
    calls: ["readlink", "readlinkat", "getdents64", "getcwd", "faccessat", "faccessat2"],
    why: "folders and links",
  },
];

const OPENING_TO_READ: readonly Allowance[] = [{
  calls: ["openat"],
  why: "files, to be read only",
  onlyIf: [[{ argument: 2, mask: WAYS_TO_WRITE, value: 0 }]],
}];

const WRITING: readonly Allowance[] = [
  { calls: ["openat"], why: "files, to be written, too" },
  {
    calls: [
      "pwrite64",
      "ftruncate",
      "fsync",
      "fdatasync",
      "flock",
      "fchmod",
      "fchmodat",
      "chmod",
      "mkdirat",
      "renameat",
      "renameat2",
      "unlink",
      "unlinkat",
      "utimensat",
      "copy_file_range",
      "sendfile",
    ],
    why: "writing, renaming and removing files",
  },
];

const SYSTEM: readonly Allowance[] = [
  { calls: ["uname", "sysinfo"], why: "the host's name, its kernel, its load and memory" },
];

/**
 * Returns the calls that a filter's permissions add.
 *
 * @param granted `[filter.permissions]`.
 */
function grantedCalls(granted: FilterPermissions): Allowance[] {
  const { net, read, write, sys } = granted;
  const reads = read !== undefined || write !== undefined || sys !== undefined ||
    // Host names are resolved with files.
    net !== undefined;
  return [
    ...net === undefined ? [] : NETWORK,
    ...sys === undefined ? [] : SYSTEM,
    ...reads ? METADATA : [],
    ...write !== undefined ? WRITING : reads ? OPENING_TO_READ : [],
  ];
}

/**
 * Calls that kill the process: the sandbox's own code never makes them, so one that does has been
 * compromised.
 */
const FATAL: readonly SystemCall[] = [
  "execve",
  "execveat",
  "ptrace",
  "process_vm_readv",
  "process_vm_writev",
  "bpf",
  "kexec_load",
  "init_module",
  "mount",
  "setns",
  "unshare",
  "open_by_handle_at",
  "io_uring_setup",
  "userfaultfd",
  "perf_event_open",
  "pidfd_getfd",
];

/**
 * Returns the seccomp rules of a sandbox.
 *
 * @param pid Process id of the sandbox.
 * @param granted `[filter.permissions]`.
 */
export function sandboxRules(pid: number, granted: FilterPermissions): CallRule[] {
  const allowed = [...basicCalls(pid), ...grantedCalls(granted)].flatMap(({ calls, onlyIf }) =>
    calls.map((call): CallRule => ({
      call,
      outcome: "allow",
      ...onlyIf !== undefined && { onlyIf },
    }))
  );
  return [
    ...allowed,
    // glibc then creates threads with clone, whose flags seccomp can test.
    { call: "clone3", outcome: { errno: ENOSYS } },
    ...FATAL.map((call): CallRule => ({ call, outcome: "kill" })),
  ];
}
