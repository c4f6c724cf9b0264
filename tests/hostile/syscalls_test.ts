import { fromFileUrl } from "../../src/text/file_url.ts";
import { assertEquals, assertGreater } from "@std/assert";
import { ERRNO } from "../../ffi/errno.ts";
import { SYSTEM_CALLS, type SystemCall, systemCallNumber } from "../../ffi/syscall_numbers.ts";
import type { FilterPermissions } from "../../src/filter/options.ts";
import { canRun, deno, ROOT } from "../system/process.ts";
import type { Argument, Call, Job } from "./syscalls.ts";

/** Sealing as root changes to the overflow user, and programs may be started. */
const needsRoot = { ignore: !canRun("nft", "list", "ruleset") };

const { EPERM, ENOSYS } = ERRNO;
/** `AT_FDCWD` (linux/fcntl.h) */
const AT_FDCWD = -100;
/** `O_*` (asm-generic/fcntl.h) */
const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  CLOEXEC: 0o2000000,
  TMPFILE: 0o20200000,
} as const;
/** `PROT_*` and `MAP_PRIVATE | MAP_ANONYMOUS` (asm-generic/mman-common.h, mman.h) */
const PROT = { READ: 1, WRITE: 2, EXEC: 4 } as const;
const MAP_PRIVATE_ANONYMOUS = 2 | 0x20;
/** `SIGCHLD` (asm-generic/signal.h): the flags of a plain fork. */
const SIGCHLD = 17;
/** Process that no call may reach. */
const PARENT = Deno.pid;

/** Calls with arguments that would have an effect without the seal. */
const ATTEMPTS: readonly (readonly [SystemCall, ...Argument[]])[] = [
  ["open", "/etc/hostname", O.RDONLY],
  ["openat", AT_FDCWD, "/etc/hostname", O.RDONLY],
  ["openat2", AT_FDCWD, "/etc/hostname", "SCRATCH", 24],
  ["stat", "/etc/hostname", "SCRATCH"],
  ["lstat", "/etc/hostname", "SCRATCH"],
  ["fstat", 0, "SCRATCH"],
  ["newfstatat", AT_FDCWD, "/etc/hostname", "SCRATCH", 0],
  ["statx", AT_FDCWD, "/etc/hostname", 0, 0x7ff, "SCRATCH"],
  ["statfs", "/", "SCRATCH"],
  ["fstatfs", 0, "SCRATCH"],
  ["readlink", "/proc/self/exe", "SCRATCH", 100],
  ["readlinkat", AT_FDCWD, "/proc/self/exe", "SCRATCH", 100],
  ["getdents64", 0, "SCRATCH", 1000],
  ["getcwd", "SCRATCH", 1000],
  ["chdir", "/"],
  ["chroot", "/"],
  ["faccessat", AT_FDCWD, "/etc/hostname", 0],
  ["faccessat2", AT_FDCWD, "/etc/hostname", 0, 0],
  ["mkdirat", AT_FDCWD, "/nowhere/x", 0o700],
  ["mknodat", AT_FDCWD, "/nowhere/x", 0o100600, 0],
  ["linkat", AT_FDCWD, "/etc/hostname", AT_FDCWD, "/nowhere/x", 0],
  ["symlinkat", "/etc/hostname", AT_FDCWD, "/nowhere/x"],
  ["renameat", AT_FDCWD, "/tmp/nfscribe-none", AT_FDCWD, "/tmp/nfscribe-none2"],
  ["renameat2", AT_FDCWD, "/tmp/nfscribe-none", AT_FDCWD, "/tmp/nfscribe-none2", 0],
  ["unlink", "/tmp/nfscribe-none"],
  ["unlinkat", AT_FDCWD, "/tmp/nfscribe-none", 0],
  ["chmod", "/tmp/nfscribe-none", 0o777],
  ["fchmod", 0, 0o777],
  ["fchmodat", AT_FDCWD, "/tmp/nfscribe-none", 0o777],
  ["utimensat", AT_FDCWD, "/tmp/nfscribe-none", 0, 0],
  ["ftruncate", 1, 0],
  ["fsync", 1],
  ["fdatasync", 1],
  ["flock", 1, 4],
  ["lseek", 0, 0, 0],
  ["pread64", 0, "SCRATCH", 10, 0],
  ["pwrite64", 1, "SCRATCH", 0, 0],
  ["preadv", 0, "SCRATCH", 0, 0],
  ["pwritev", 1, "SCRATCH", 0, 0],
  ["sendfile", 1, 0, 0, 0],
  ["splice", 0, 0, 1, 0, 0, 0],
  ["vmsplice", 1, "SCRATCH", 0, 0],
  ["copy_file_range", 0, 0, 1, 0, 0, 0],
  ["socket", 2, 1, 0],
  ["socketpair", 1, 1, 0, "SCRATCH"],
  ["connect", 0, "SCRATCH", 16],
  ["bind", 0, "SCRATCH", 16],
  ["listen", 0, 1],
  ["accept4", 0, 0, 0, 0],
  ["getsockname", 0, "SCRATCH", "SCRATCH"],
  ["getpeername", 0, "SCRATCH", "SCRATCH"],
  ["getsockopt", 0, 1, 3, "SCRATCH", "SCRATCH"],
  ["setsockopt", 0, 1, 2, "SCRATCH", 4],
  ["shutdown", 0, 2],
  ["sendmsg", 0, "SCRATCH", 0],
  ["recvmsg", 0, "SCRATCH", 0x40],
  ["fork"],
  ["vfork"],
  ["clone", SIGCHLD],
  ["kill", PARENT, 0],
  ["tkill", PARENT, 0],
  ["tgkill", PARENT, PARENT, 0],
  ["rt_sigqueueinfo", PARENT, 0, "SCRATCH"],
  ["rt_sigaction", 15, 0, "SCRATCH", 8],
  ["pidfd_open", PARENT, 0],
  ["pidfd_send_signal", 0, 0, 0, 0],
  ["ioctl", 0, 0x5413, "SCRATCH"],
  ["mmap", 0, 4096, PROT.READ | PROT.EXEC, MAP_PRIVATE_ANONYMOUS, -1, 0],
  ["memfd_create", "x", 0],
  ["dup", 1],
  ["dup2", 1, 60],
  ["dup3", 1, 60, 0],
  ["fcntl", 1, 3],
  ["pipe2", "SCRATCH", 0],
  ["inotify_init1", 0],
  ["timerfd_create", 1, 0],
  ["setuid", 65534],
  ["setresuid", 65534, 65534, 65534],
  ["prlimit64", 0, 7, 0, "SCRATCH"],
  ["sched_setscheduler", 0, 0, "SCRATCH"],
  ["prctl", 4, 1],
  ["prctl", 22, 1],
  ["seccomp", 2, 0, 0],
  ["keyctl", 0, -3, 0],
  ["landlock_create_ruleset", 0, 0, 1],
  ["shmget", 0, 4096, 0o1600],
  ["sethostname", "x", 1],
  ["setdomainname", "x", 1],
  ["reboot", 0, 0, 0, 0],
  ["umount2", "/nowhere", 0],
  ["uname", "SCRATCH"],
  ["sysinfo", "SCRATCH"],
];

/** Calls of x86-64 without a name in nfscribe. */
const FURTHER: Readonly<Record<string, number>> = {
  pipe: 22,
  select: 23,
  shmat: 30,
  pause: 34,
  alarm: 37,
  creat: 85,
  mkdir: 83,
  rmdir: 84,
  link: 86,
  symlink: 88,
  rename: 82,
  truncate: 76,
  getppid: 110,
  setsid: 112,
  setpgid: 109,
  setgroups: 116,
  capset: 126,
  personality: 135,
  iopl: 172,
  swapon: 167,
  acct: 163,
  settimeofday: 164,
  mknod: 133,
  add_key: 248,
  mq_open: 240,
  msgget: 68,
  semget: 64,
  timer_create: 222,
  signalfd4: 289,
  eventfd2: 290,
  epoll_create1: 291,
  fanotify_init: 300,
  kcmp: 312,
  finit_module: 313,
  mlockall: 151,
  clock_settime: 227,
  name_to_handle_at: 303,
  process_madvise: 440,
  close_range: 436,
  fsopen: 430,
  move_mount: 429,
  open_tree: 428,
  mount_setattr: 442,
  memfd_secret: 447,
  io_uring_enter: 426,
  set_mempolicy: 238,
  syslog: 103,
};

/** Calls that end a sandbox. */
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

/** Calls that every sandbox may make with any arguments, which could hang or end it. */
const BASIC: readonly SystemCall[] = [
  "futex",
  "write",
  "writev",
  "sendto",
  "read",
  "readv",
  "recvfrom",
  "close",
  "epoll_wait",
  "epoll_pwait",
  "epoll_pwait2",
  "epoll_ctl",
  "poll",
  "ppoll",
  "clock_gettime",
  "clock_getres",
  "gettimeofday",
  "clock_nanosleep",
  "nanosleep",
  "munmap",
  "madvise",
  "mremap",
  "brk",
  "mprotect",
  "pkey_mprotect",
  "membarrier",
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
  "exit_group",
  "getrandom",
  "getrusage",
];

/** Calls that depend on their arguments: those tried here are refused. */
const BY_ARGUMENTS: readonly SystemCall[] = ["mmap", "clone", "prctl", "tgkill"];

const METADATA: readonly SystemCall[] = [
  "statx",
  "fstat",
  "newfstatat",
  "lstat",
  "stat",
  "lseek",
  "pread64",
  "fcntl",
  "readlink",
  "readlinkat",
  "getdents64",
  "getcwd",
  "faccessat",
  "faccessat2",
  "openat",
];

/** Calls that each permission adds. */
const ADDED: Readonly<Record<keyof FilterPermissions, readonly SystemCall[]>> = {
  env: [],
  read: METADATA,
  sys: ["uname", "sysinfo", ...METADATA],
  net: [
    "socket",
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
    ...METADATA,
  ],
  write: [
    ...METADATA,
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
};

/** Limit of the numbers of system calls to try. */
const NUMBERS_END = 480;
/**
 * `uretprobe` and `uprobe` of x86-64: newer kernels allow them despite filters, and kill a process
 * (SIGILL) that calls them itself.
 */
const OF_PROBES: readonly number[] = Deno.build.arch === "x86_64" ? [335, 336] : [];

/** Makes a job's calls in a process of its own. */
async function inSandbox(job: Job): Promise<{ results: Record<string, number>; signal: string }> {
  const flags = Object.keys(job.permissions).map((name) => `--allow-${name}`);
  const script = fromFileUrl(new URL("syscalls.ts", import.meta.url).href);
  const [command, ...args] = deno(
    "--allow-ffi",
    "--no-code-cache",
    `--config=${ROOT}deno.json`,
    ...flags,
    script,
    String(Deno.pid),
    JSON.stringify(job),
  );
  const { stdout, stderr, signal } = await new Deno.Command(command!, { args }).output();
  const text = new TextDecoder().decode(stdout);
  if (text === "" && signal === null) throw new Error(new TextDecoder().decode(stderr));
  return { results: JSON.parse(text || "{}"), signal: signal ?? "" };
}

/** Converts an attempt to a call; none if this machine has no such call. */
function callOf([name, ...args]: readonly [SystemCall, ...Argument[]]): Call[] {
  const number = systemCallNumber(name);
  return number === undefined ? [] : [{ name: `${name}(${args.join(", ")})`, number, args }];
}

/** Returns calls of all numbers except those that every sandbox may make and those that end it. */
function allOthers(): Call[] {
  const skipped = new Set([...BASIC, ...FATAL].map((name) => systemCallNumber(name)));
  const names = new Map(SYSTEM_CALLS.map((name) => [systemCallNumber(name), name]));
  // The others fail by their first argument if they are allowed.
  const args: Partial<Record<SystemCall, readonly Argument[]>> = {
    socket: [2, 1, 0],
    openat: [AT_FDCWD, "/dev/null", O.RDONLY],
    mmap: [0, 4096, PROT.EXEC, MAP_PRIVATE_ANONYMOUS, -1, 0],
    clone: [SIGCHLD],
    tgkill: [PARENT, PARENT, 0],
    prctl: [4, 1],
    fcntl: [0, 3],
  };
  return Array.from({ length: NUMBERS_END }, (_, number) => number)
    .filter((number) => !skipped.has(number) && !OF_PROBES.includes(number))
    .map((number) => {
      const name = names.get(number);
      return {
        name: name ?? `number ${number}`,
        number,
        args: (name === undefined ? undefined : args[name]) ?? [-1],
      };
    });
}

/** Returns the names of calls that did not fail with EPERM. */
function notRefused(results: Record<string, number>): string[] {
  return Object.entries(results).filter(([, errno]) => errno !== EPERM).map(([name]) => name);
}

Deno.test("more than 60 system calls are refused in a sealed sandbox (needs root)", {
  ...needsRoot,
}, async () => {
  const further = Deno.build.arch === "x86_64" ? FURTHER : {};
  const calls = [
    ...ATTEMPTS.flatMap(callOf),
    ...Object.entries(further).map(([name, number]) => ({ name, number, args: [-1] })),
  ];
  const { results, signal } = await inSandbox({ permissions: {}, calls });
  assertEquals(signal, "");
  assertGreater(Object.keys(results).length, 60);
  assertEquals(notRefused(results), []);
});

Deno.test("the same calls are made where nothing is sealed (needs root)", {
  ...needsRoot,
}, async () => {
  const dangerous = ["fork", "vfork", "clone", "seccomp", "prctl", "shutdown", "dup2", "dup3"];
  const calls = ATTEMPTS.filter(([name]) => !dangerous.includes(name)).flatMap(callOf);
  const { results } = await inSandbox({ permissions: {}, calls, unsealed: true });
  // The overflow user has no right to these, sealed or not.
  const refused = Object.entries(results).filter(([, errno]) => errno === EPERM)
    .map(([name]) => name.replace(/\(.*/, ""));
  assertEquals(
    refused.filter((name) =>
      !["chroot", "kill", "tkill", "tgkill", "rt_sigqueueinfo", "sethostname", "setdomainname"]
        .concat(["reboot", "umount2", "linkat", "fchmod", "mknodat"]).includes(name)
    ),
    [],
  );
});

Deno.test("threads, memory and names of threads work in a sealed sandbox (needs root)", {
  ...needsRoot,
}, async () => {
  const calls = [
    ["mmap", 0, 4096, PROT.READ | PROT.WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0],
    ["prctl", 15, "name"],
    ["tgkill", "PID", "PID", 0],
    ["getrandom", "SCRATCH", 8, 0],
    ["clone3", "SCRATCH", 64],
  ] as const;
  const { results } = await inSandbox({ permissions: {}, calls: calls.flatMap(callOf) });
  assertEquals(Object.values(results), [0, 0, 0, 0, ENOSYS]);
});

Deno.test("calls that only an intruder makes end a sealed sandbox (needs root)", {
  ...needsRoot,
}, async () => {
  const endings = FATAL.flatMap((name) => callOf([name, -1, 0, 0, 0, 0]));
  if (Deno.build.arch === "x86_64") {
    // __X32_SYSCALL_BIT (asm/unistd.h): getpid of the x32 ABI.
    endings.push({ name: "getpid of x32", number: 0x4000_0000 + 39, args: [] });
  }
  const signals: string[] = [];
  for (let at = 0; at < endings.length; at += 4) {
    const some = endings.slice(at, at + 4).map(async (call) => {
      const { signal } = await inSandbox({ permissions: {}, calls: [call] });
      return `${call.name.replace(/\(.*/, "")} ${signal}`;
    });
    signals.push(...await Promise.all(some));
  }
  assertEquals(signals, endings.map(({ name }) => `${name.replace(/\(.*/, "")} SIGSYS`));
});

Deno.test("a sandbox without permissions is refused every other call (needs root)", {
  ...needsRoot,
}, async () => {
  const { results, signal } = await inSandbox({ permissions: {}, calls: allOthers() });
  assertEquals(signal, "");
  assertEquals(notRefused(results), ["clone3"]);
  for (const name of BY_ARGUMENTS) assertEquals(results[name], EPERM);
});

for (const [name, added] of Object.entries(ADDED)) {
  Deno.test(`the permission ${name} adds its calls and no others (needs root)`, {
    ...needsRoot,
  }, async () => {
    const { results, signal } = await inSandbox({
      permissions: { [name]: true },
      calls: allOthers(),
    });
    assertEquals(signal, "");
    const here = added.filter((call) => systemCallNumber(call) !== undefined);
    assertEquals(notRefused(results).toSorted(), ["clone3", ...here].toSorted());
  });
}

Deno.test("the permission read opens files to be read only (needs root)", {
  ...needsRoot,
}, async () => {
  const opened = (flags: number) => callOf(["openat", AT_FDCWD, "/dev/null", flags])[0]!;
  const refused = [
    O.WRONLY,
    O.RDWR,
    O.CREAT,
    O.TRUNC,
    O.WRONLY | O.APPEND,
    O.RDWR | O.TMPFILE,
    O.TMPFILE,
    O.RDONLY | O.CREAT | O.CLOEXEC,
    3,
  ];
  for (const permissions of [{ read: true }, { net: true }, { sys: true }] as const) {
    const calls = [opened(O.RDONLY), opened(O.CLOEXEC), ...refused.map(opened)];
    const { results } = await inSandbox({ permissions, calls });
    assertEquals(Object.values(results), [0, 0, ...refused.map(() => EPERM)]);
  }
});

Deno.test("the permission net opens sockets of IP only (needs root)", {
  ...needsRoot,
}, async () => {
  const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16, PACKET: 17, ALG: 38, VSOCK: 40 } as const;
  const calls = Object.values(AF).flatMap((family) => callOf(["socket", family, 2, 0]));
  const { results } = await inSandbox({ permissions: { net: true }, calls });
  assertEquals(Object.values(results), [EPERM, 0, 0, EPERM, EPERM, EPERM, EPERM]);
});
