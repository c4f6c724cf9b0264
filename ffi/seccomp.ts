/**
 * Builds filters of system calls (seccomp(2)) as BPF programs, and loads them for every thread of
 * this process and all that it creates.
 */

import {
  AND,
  encodeProgram,
  encodeProgramHeader,
  type Instruction,
  JUMP_EQUAL,
  JUMP_NOT_LESS,
  LOAD,
  RETURN,
} from "../src/bytes/bpf.ts";
import { addressOf } from "./address.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { lazySymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { type Machine, type SystemCall, systemCallNumber } from "./syscall_numbers.ts";

const SYMBOLS = {
  /** `int prctl(int op, …)` (sys/prctl.h) */
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  /** `long syscall(long number, …)` (unistd.h), for seccomp(2) */
  syscall: {
    parameters: ["i64", "i32", "i32", "buffer"] as [
      number: "i64",
      operation: "i32",
      flags: "i32",
      args: "buffer",
    ],
    result: "i64",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `PR_SET_NO_NEW_PRIVS` (linux/prctl.h) */
const PR_SET_NO_NEW_PRIVS = 38;
/** `SECCOMP_SET_MODE_FILTER` (linux/seccomp.h) */
const SECCOMP_SET_MODE_FILTER = 1;
/** `SECCOMP_FILTER_FLAG_TSYNC` (linux/seccomp.h): applies to all threads. */
const SECCOMP_FILTER_FLAG_TSYNC = 1;
/** `SECCOMP_FILTER_FLAG_SPEC_ALLOW` (linux/seccomp.h): old kernels slow filtered threads down without it. */
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;

/** `SECCOMP_RET_*` (linux/seccomp.h); the errno is in the low half. */
const SECCOMP_RET_KILL_PROCESS = 0x8000_0000;
const SECCOMP_RET_ERRNO = 0x0005_0000;
const SECCOMP_RET_ALLOW = 0x7fff_0000;

/** `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64` (linux/audit.h) */
const AUDIT_ARCH = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 } as const;
/** `__X32_SYSCALL_BIT` (asm/unistd.h): calls of 32-bit programs, with numbers of their own. */
const X32_SYSCALL_BIT = 0x4000_0000;

/** `struct seccomp_data` (linux/seccomp.h): `int nr`, `u32 arch`, `u64 instruction_pointer`, `u64 args[6]`. */
const DATA = { nr: 0, arch: 4, args: 16 } as const;

/** Test of an argument's low 32 bits. */
export interface ArgumentTest {
  /** Index of the argument. */
  argument: number;
  /** Bits to compare; absent for all. */
  mask?: number;
  /** Value of these bits. */
  value: number;
}

/** Outcome of a system call. */
export type Outcome =
  /** Call is allowed. */
  | "allow"
  /** Call fails with this error number. */
  | { errno: number }
  /** Process is killed. */
  | "kill";

/** Rule of a filter. */
export interface CallRule {
  /** System call; ignored on machines without it. */
  call: SystemCall;
  outcome: Outcome;
  /**
   * Argument tests for an allowed call: all tests of one of these lists must pass; otherwise the
   * call fails with EPERM.
   */
  onlyIf?: readonly (readonly ArgumentTest[])[];
}

/**
 * Builds the BPF program of a filter. Calls without a rule fail with EPERM; calls with another
 * architecture's ABI kill the process.
 *
 * @param rules Rules, the most frequent calls first.
 * @param machine Architecture.
 */
export function seccompProgram(
  rules: readonly CallRule[],
  machine: Machine,
): Uint8Array<ArrayBuffer> {
  const program: Instruction[] = [
    [LOAD, 0, 0, DATA.arch],
    [JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine]],
    [RETURN, 0, 0, SECCOMP_RET_KILL_PROCESS],
    [LOAD, 0, 0, DATA.nr],
    [JUMP_NOT_LESS, 0, 1, X32_SYSCALL_BIT],
    [RETURN, 0, 0, SECCOMP_RET_KILL_PROCESS],
  ];
  for (const rule of rules) {
    const number = systemCallNumber(rule.call, machine);
    if (number === undefined) continue;
    const body = bodyOf(rule);
    program.push([JUMP_EQUAL, 0, body.length, number], ...body);
  }
  program.push([RETURN, 0, 0, returnOf({ errno: ERRNO.EPERM })]);
  return encodeProgram(program);
}

/** Builds a program that allows every call, to apply no_new_privs to all threads. */
export function seccompAllowingAll(): Uint8Array<ArrayBuffer> {
  return encodeProgram([[RETURN, 0, 0, SECCOMP_RET_ALLOW]]);
}

/** Builds the code for a rule's call, which always ends with a return. */
function bodyOf({ outcome, onlyIf }: CallRule): Instruction[] {
  const result: Instruction = [RETURN, 0, 0, returnOf(outcome)];
  if (onlyIf === undefined) return [result];
  const body = onlyIf.flatMap((tests) => {
    const instructions: Instruction[] = [];
    // A failed test jumps to the code after this list's return.
    let left = 3 * tests.length + 1;
    for (const { argument, mask = 0xffff_ffff, value } of tests) {
      left -= 3;
      instructions.push(
        [LOAD, 0, 0, DATA.args + 8 * argument],
        [AND, 0, 0, mask >>> 0],
        [JUMP_EQUAL, 0, left, value >>> 0],
      );
    }
    return [...instructions, result];
  });
  return [...body, [RETURN, 0, 0, returnOf({ errno: ERRNO.EPERM })]];
}

function returnOf(outcome: Outcome): number {
  if (outcome === "allow") return SECCOMP_RET_ALLOW;
  return outcome === "kill" ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | outcome.errno;
}

/**
 * Loads a filter permanently for every thread of this process, and every thread that it creates;
 * started programs gain no rights (no_new_privs).
 *
 * @param program Program of {@linkcode seccompProgram}.
 * @throws {NetlinkError} If the kernel refuses: without seccomp, or without support for all threads at once
 * (Linux before 3.17).
 */
export function loadSeccomp(program: Uint8Array<ArrayBuffer>): void {
  const c = symbols();
  if (c.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) < 0) throw systemCallError("set no_new_privs");
  const header = encodeProgramHeader(program, addressOf(program));
  const number = BigInt(systemCallNumber("seccomp")!);
  const load = (flags: number) => Number(c.syscall(number, SECCOMP_SET_MODE_FILTER, flags, header));
  let answer = load(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  // Linux before 4.17 does not support the second flag.
  if (answer < 0 && lastErrno() === ERRNO.EINVAL) answer = load(SECCOMP_FILTER_FLAG_TSYNC);
  // A positive result is the id of a thread with a filter of its own.
  if (answer !== 0) {
    throw systemCallError(
      "filter system calls (seccomp)",
      answer > 0 ? ERRNO.EINVAL : lastErrno(),
    );
  }
}
