/**
 * Seals itself as a sandbox does, and then makes system calls: `syscalls.ts PARENT JOB`, where the
 * job is JSON.
 *
 * Prints a JSON object: for each call its error number, or 0 on success. A call that ends the
 * process prints nothing.
 *
 * @module
 */

import { addressOf } from "../../ffi/address.ts";
import { lastErrno } from "../../ffi/errno.ts";
import { Futex } from "../../ffi/futex.ts";
import { libc, openSymbols } from "../../ffi/libc.ts";
import { closeOtherFiles, dropUser, seal, warmUp } from "../../src/sandbox/entry/seal.ts";
import type { FilterPermissions } from "../../src/filter/options.ts";

/** Number, text whose address is passed, or name of {@linkcode WORDS}. */
export type Argument = number | string;

/** System call to make. */
export interface Call {
  /** Name in the result. */
  name: string;
  /** Number of the call. */
  number: number;
  /** Arguments; missing ones are 0. */
  args: readonly Argument[];
}

/** Work of the process. */
export interface Job {
  /** Permissions of the sandbox. */
  permissions: FilterPermissions;
  /** Calls to make in order. */
  calls: readonly Call[];
  /** Whether the process stays unsealed, to show that the calls would work. */
  unsealed?: boolean;
}

const SYMBOLS = {
  /** `long syscall(long number, …)` (unistd.h) */
  syscall: {
    parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"],
    result: "i64",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** User of sandboxes: the overflow user (`DEFAULT_OVERFLOWUID`, linux/highuid.h). */
const OVERFLOW_UID = 65534;
/** Heap of the sandbox, in bytes. */
const HEAP = 64 * 1024 * 1024;

async function main(): Promise<void> {
  const [parent, text] = Deno.args;
  const job: Job = JSON.parse(text!);
  const c = openSymbols(SYMBOLS);
  const kept: Uint8Array<ArrayBuffer>[] = [];
  const addressOfKept = (bytes: Uint8Array<ArrayBuffer>) => {
    kept.push(bytes);
    return addressOf(bytes);
  };
  /** Memory that calls may read and write. */
  const scratch = addressOfKept(new Uint8Array(65_536));
  const valueOf = (argument: Argument): bigint => {
    if (typeof argument === "number") return BigInt(argument);
    if (argument === "SCRATCH") return scratch;
    if (argument === "PID") return BigInt(Deno.pid);
    return addressOfKept(new TextEncoder().encode(`${argument}\0`));
  };
  const prepared = job.calls.map(({ name, number, args }) => ({
    name,
    number: BigInt(number),
    args: Array.from({ length: 6 }, (_, index) => valueOf(args[index] ?? 0)),
  }));
  libc();
  lastErrno();
  const how = {
    parent: Number(parent),
    user: { uid: OVERFLOW_UID, gid: OVERFLOW_UID },
    heap: HEAP,
    permissions: job.permissions,
    unsealed: false,
  };
  dropUser(how);
  const word = new Int32Array(1);
  const futex = new Futex(word, 0);
  await warmUp({
    wait: (value, timeoutMs) => futex.wait(value, timeoutMs),
    waitAsync: (value) => futex.waitAsync(value),
    ring: () => {},
  }, word[0]!);
  closeOtherFiles();
  if (job.unsealed !== true) seal(how);
  const results: Record<string, number> = {};
  for (const { name, number, args: [a, b, c1, d, e, f] } of prepared) {
    const result = c.syscall(number, a!, b!, c1!, d!, e!, f!);
    results[name] = result < 0n ? lastErrno() : 0;
  }
  console.log(JSON.stringify(results));
  void kept;
}

if (import.meta.main) await main();
