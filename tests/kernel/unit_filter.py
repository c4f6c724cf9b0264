"""Runs a command under the SystemCallFilter= of a unit file, as systemd would make it:
`unit_filter.py UNIT COMMAND [ARGUMENT...]`. What the filter denies fails with EPERM.
Takes libseccomp, and systemd-analyze for the groups' members."""

import ctypes
import ctypes.util
import errno
import os
import subprocess
import sys

ERRNO_EPERM = 0x00050000 | errno.EPERM  # SCMP_ACT_ERRNO (seccomp.h)
ALLOW = 0x7FFF0000  # SCMP_ACT_ALLOW


def members(name, seen):
    """The system calls of a group, and of the groups in it."""
    if not name.startswith("@"):
        return {name}
    if name in seen:
        return set()
    seen.add(name)
    listing = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    calls = set()
    for line in listing.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            calls |= members(word, seen)
    return calls


def allowed(unit):
    """The system calls that a unit file allows."""
    calls = members("@default", set())
    for line in open(unit):
        if not line.startswith("SystemCallFilter="):
            continue
        words = line.strip().split("=", 1)[1]
        named = set()
        for word in words.lstrip("~").split():
            named |= members(word, set())
        calls = calls - named if words.startswith("~") else calls | named
    return calls


def main():
    unit, command = sys.argv[1], sys.argv[2:]
    seccomp = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ERRNO_EPERM)))
    # systemd lets these pass in every filter: it needs them itself.
    for name in allowed(unit) | {"execve", "exit", "exit_group"}:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            seccomp.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
    if seccomp.seccomp_load(context) != 0:
        sys.exit("Cannot load the filter: it takes CAP_SYS_ADMIN or no_new_privs")
    os.execvp(command[0], command)


main()
