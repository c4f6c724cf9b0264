"""Runs a command as Docker runs one with `--cap-add=NET_ADMIN`: under a filter of system
calls with what its default profile allows for these capabilities, and with no others.
`container_filter.py COMMAND [ARGUMENT...]`, as root. Takes libseccomp and setpriv."""

import ctypes
import ctypes.util
import errno
import os
import sys

ALLOW = 0x7FFF0000  # SCMP_ACT_ALLOW (seccomp.h)
ERRNO = 0x00050000  # SCMP_ACT_ERRNO
CTL_NNP = 3  # SCMP_FLTATR_CTL_NNP
NOT_EQUAL, MASKED_EQUAL = 1, 7  # SCMP_CMP_NE, SCMP_CMP_MASKED_EQ
AF_VSOCK = 40
# Those of CLONE_NEW* that clone(2) takes (linux/sched.h).
NEW_NAMESPACES = 0x7E020000

# What Docker gives by itself, and what logging takes.
CAPABILITIES = """chown dac_override fsetid fowner mknod net_raw setgid setuid setfcap setpcap
net_bind_service sys_chroot kill audit_write net_admin""".split()

# By what they are for; only those of 64-bit machines.
CALLS = """
read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek close close_range
open openat openat2 creat dup dup2 dup3 pipe pipe2 fcntl ioctl flock select pselect6 poll ppoll
epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd
signalfd4 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat
getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir mknod mknodat link linkat symlink
symlinkat unlink unlinkat rename renameat renameat2 chmod fchmod fchmodat fchmodat2 chown fchown
fchownat lchown umask utime utimes futimesat utimensat truncate ftruncate fallocate fadvise64
readahead fsync fdatasync sync syncfs sync_file_range sendfile splice tee vmsplice copy_file_range
getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr
removexattr lremovexattr fremovexattr name_to_handle_at cachestat chroot
mmap munmap mprotect mremap madvise mincore msync brk mlock mlock2 mlockall munlock munlockall
membarrier memfd_create memfd_secret remap_file_pages pkey_alloc pkey_free pkey_mprotect
map_shadow_stack
execve execveat exit exit_group fork vfork wait4 waitid kill tkill tgkill pidfd_open
pidfd_send_signal process_mrelease prctl arch_prctl modify_ldt ptrace process_vm_readv
process_vm_writev rseq set_robust_list get_robust_list set_tid_address get_thread_area
set_thread_area restart_syscall seccomp landlock_create_ruleset landlock_add_rule
landlock_restrict_self futex futex_waitv futex_wait futex_wake futex_requeue
rt_sigaction rt_sigprocmask rt_sigpending rt_sigqueueinfo rt_sigreturn rt_sigsuspend
rt_sigtimedwait rt_tgsigqueueinfo sigaltstack pause alarm
getpid getppid gettid getpgid getpgrp getsid setpgid setsid getuid geteuid getgid getegid
getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid
setgroups capget capset getpriority setpriority ioprio_get ioprio_set getrlimit setrlimit prlimit64
getrusage times uname sysinfo getcpu getrandom sched_yield sched_getaffinity sched_setaffinity
sched_getattr sched_setattr sched_getparam sched_setparam sched_getscheduler sched_setscheduler
sched_get_priority_max sched_get_priority_min sched_rr_get_interval
time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep clock_adjtime adjtimex
getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_settime
timerfd_create timerfd_gettime timerfd_settime
socketpair bind connect listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt
sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
io_setup io_submit io_getevents io_pgetevents io_cancel io_destroy
mq_open mq_unlink mq_getsetattr mq_notify mq_timedsend mq_timedreceive msgctl msgget msgrcv msgsnd
semctl semget semop semtimedop shmat shmctl shmdt shmget
""".split()


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp (seccomp.h)"""

    _fields_ = [
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    ]


def main():
    seccomp = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ERRNO | errno.EPERM)))

    def add(action, name, *comparisons):
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return
        array = (Comparison * len(comparisons))(*comparisons)
        failed = seccomp.seccomp_rule_add_array(
            context, ctypes.c_uint32(action), number, len(comparisons), array
        )
        if failed:
            sys.exit(f"Cannot add a rule for {name}: {os.strerror(-failed)}")

    for name in CALLS:
        add(ALLOW, name)
    add(ALLOW, "socket", Comparison(0, NOT_EQUAL, AF_VSOCK))
    add(ALLOW, "clone", Comparison(0, MASKED_EQUAL, NEW_NAMESPACES, 0))
    add(ALLOW, "personality", Comparison(0, MASKED_EQUAL, 0xFFFFFFFF, 0))
    add(ERRNO | errno.ENOSYS, "clone3")
    # Docker sets no_new_privs only where it is asked to.
    seccomp.seccomp_attr_set(context, CTL_NNP, 0)
    if seccomp.seccomp_load(context) != 0:
        sys.exit("Cannot load the filter: it takes CAP_SYS_ADMIN")
    kept = "-all," + ",".join(f"+{name}" for name in CAPABILITIES)
    os.execvp("setpriv", ["setpriv", f"--bounding-set={kept}", "--inh-caps=-all", *sys.argv[1:]])


main()
