/**
 * Seals the sandbox: it changes to an unprivileged user and closes files, and the kernel limits its
 * memory and rejects unneeded system calls.
 */

import {
  becomeUser,
  effectiveUser,
  emptyBoundingSet,
  emptyCapabilities,
  takeGroups,
} from "../../../ffi/credentials.ts";
import { cutOffFiles } from "../../../ffi/cut_off.ts";
import { isDenied } from "../../../ffi/files.ts";
import {
  dataSize,
  endWithParent,
  forbidDumps,
  ignoreSharedSignals,
  mayHaveCapabilities,
  raiseOomScore,
  setLimit,
} from "../../../ffi/limits.ts";
import { loadSeccomp, seccompProgram } from "../../../ffi/seccomp.ts";
import type { FilterPermissions } from "../../filter/options.ts";
import type { Wakeup } from "../wakeup.ts";
import type { Seal } from "../setup.ts";
import { sandboxRules } from "./policy.ts";

/** Kept, because it is removed from `Deno` before the script is loaded. */
const { permissions: rights } = Deno;

/** Private memory beside the heap, in bytes: thread stacks, machine code, Deno's own buffers. */
const SLACK = 128 * 1024 * 1024;
/** Descriptor limits, without and with granted files or connections. */
const DESCRIPTORS = { none: 64, granted: 256 } as const;

/**
 * Changes to the sandbox's user and sets the parent-death signal, before the script is read.
 *
 * @throws {NetlinkError} If the system refuses.
 */
export function dropUser({ user, parent, unsealed }: Seal): void {
  // Before the change of user: the file belongs to root afterwards.
  raiseOomScore();
  sealBy([["user", () => {
    if (user === undefined || effectiveUser() !== 0) return;
    takeGroups({ ...user, groups: [user.gid] });
    emptyBoundingSet();
    becomeUser(user.uid);
  }], ["capabilities", () => {
    // The parent passes on no capabilities, except to root.
    if (mayHaveCapabilities()) emptyCapabilities();
  }]], unsealed);
  ignoreSharedSignals();
  if (!endWithParent(parent)) throw new Error("The process that started this sandbox is gone");
}

/**
 * Returns the problem of a path that the script is granted to read and the sandbox's user must not;
 * undefined if there is none.
 */
export function deniedGrant({ user, permissions: { read } }: Seal): string | undefined {
  if (user === undefined || !Array.isArray(read)) return undefined;
  const path = read.find((path) => isDenied(path, ["read"]));
  return path === undefined
    ? undefined
    : `grants to read ${path}, which the sandbox cannot: it acts for user ${user.uid} ` +
      "(the user nobody, unless the configuration names one); let that user read it and search the " +
      "folders above it";
}

/**
 * Makes Deno open and load what it loads on first use: threads of its pools and for signals, the
 * time zone, the locale.
 *
 * @param wakeup Waits in another thread.
 * @param calls Value that the futex word does not have.
 */
export async function warmUp(wakeup: Wakeup, calls: number): Promise<void> {
  await wakeup.waitAsync(calls + 1);
  const onSignal = () => {};
  Deno.addSignalListener("SIGURG", onSignal);
  Deno.removeSignalListener("SIGURG", onSignal);
  new Date().toString();
  crypto.getRandomValues(new Uint8Array(1));
}

/** Replaces descriptors of files that Deno holds open: its caches, which a later start trusts. */
export function closeOtherFiles(): void {
  cutOffFiles((path) => !/^\/(dev\/|memfd:)/.test(path));
}

/**
 * Limits memory and files, filters system calls, and revokes Deno's permissions except those
 * granted to the script.
 *
 * @throws {Error} If the kernel refuses a step, unless `unsealed` allows that.
 */
export function seal({ heap, permissions, unsealed }: Seal): void {
  sealBy([
    ["RLIMIT_DATA", () => setLimit("data", dataSize() + heap + SLACK)],
    ["RLIMIT_CORE", () => setLimit("core", 0)],
    ["PR_SET_DUMPABLE", forbidDumps],
    ["RLIMIT_FSIZE", () => {
      if (permissions.write === undefined) setLimit("fileSize", 0);
    }],
    [
      "RLIMIT_NOFILE",
      () => setLimit("openFiles", DESCRIPTORS[opensFiles(permissions) ? "granted" : "none"]),
    ],
    [
      "seccomp",
      () => loadSeccomp(seccompProgram(sandboxRules(Deno.pid, permissions), Deno.build.arch)),
    ],
  ], unsealed);
  revoke(permissions);
}

/** Runs each step; a failure throws unless `unsealed` allows it. */
function sealBy(parts: readonly [name: string, act: () => void][], unsealed: boolean): void {
  for (const [name, act] of parts) {
    try {
      act();
    } catch (error) {
      if (unsealed) continue;
      throw new Error(
        `The kernel does not seal the sandbox (${name}): ${(error as Error).message}; the filter ` +
          "would be confined by the other measures only. Write unsealed = true under [filter] to run it like that",
      );
    }
  }
}

function opensFiles({ net, read, write, sys }: FilterPermissions): boolean {
  return [net, read, write, sys].some((granted) => granted !== undefined);
}

/** Kinds of permissions; FFI functions in use are loaded already. */
const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/**
 * Revokes permissions that the script is not granted. An executable of `deno compile` has built-in
 * permissions, which Deno cannot narrow to a list.
 */
function revoke(permissions: FilterPermissions): void {
  const granted: Readonly<Record<string, true | string[] | undefined>> = { ...permissions };
  for (const name of KINDS) {
    if (granted[name] === true) continue;
    if (granted[name] === undefined) rights.revokeSync({ name });
    if (rights.querySync({ name }).state === "granted") {
      throw new Error(
        `Cannot seal the sandbox: Deno does not narrow its permission "${name}"; take ` +
          `filter.permissions.${name} out of the configuration, or run nfscribe from its sources`,
      );
    }
  }
}
