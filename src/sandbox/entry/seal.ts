/**
 * Seals the sandbox: it becomes a user without rights, keeps no file open, and the
 * kernel bounds its memory and refuses the system calls that it does not need.
 *
 * @module
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
  endFirst,
  endWithParent,
  forbidDumps,
  ignoreSharedSignals,
  mayHaveCapabilities,
  setLimit,
} from "../../../ffi/limits.ts";
import { loadSeccomp, seccompProgram } from "../../../ffi/seccomp.ts";
import type { FilterPermissions } from "../../filter/options.ts";
import type { Wakeup } from "../wakeup.ts";
import type { Seal } from "../setup.ts";
import { sandboxRules } from "./policy.ts";

/** Taken away from `Deno` before the script is loaded. */
const { permissions: rights } = Deno;

/** Private memory beside the heap: stacks of threads, machine code, buffers of Deno's own. */
const SLACK = 128 * 1024 * 1024;
/** Descriptors that a sandbox may have open, and one that is granted files or connections. */
const DESCRIPTORS = { none: 64, granted: 256 } as const;

/**
 * Becomes the user that the sandbox is to act for, and ends when its parent does. The
 * script is not read before.
 *
 * @throws {NetlinkError} If the system refuses.
 */
export function dropUser({ user, parent, unsealed }: Seal): void {
  // Before the user changes: the file belongs to root afterwards.
  endFirst();
  sealBy([["user", () => {
    if (user === undefined || effectiveUser() !== 0) return;
    takeGroups({ ...user, groups: [user.gid] });
    emptyBoundingSet();
    becomeUser(user.uid);
  }], ["capabilities", () => {
    // The parent hands none on, but to root.
    if (mayHaveCapabilities()) emptyCapabilities();
  }]], unsealed);
  ignoreSharedSignals();
  if (!endWithParent(parent)) throw new Error("The process that started this sandbox is gone");
}

/**
 * Returns what is wrong with a path that the script is granted to read and that the
 * sandbox's user must not; undefined where nothing is.
 */
export function deniedGrant({ user, permissions: { read } }: Seal): string | undefined {
  if (user === undefined || !Array.isArray(read)) return undefined;
  const path = read.find((path) => isDenied(path, ["read"]));
  return path === undefined
    ? undefined
    : `grants to read ${path}, which the sandbox cannot: it acts for user ${user.uid} ` +
      "(nobody where the configuration names no user); let that user read it and search the " +
      "folders above it";
}

/**
 * Has Deno open and load what it loads at the first use of something: threads of its
 * pools and that for signals, the time zone, words of the locale.
 *
 * @param bell Waits aside.
 * @param calls A value that the word it waits for does not have.
 */
export async function warmUp(wakeup: Wakeup, calls: number): Promise<void> {
  await wakeup.waitAside(calls + 1);
  const onSignal = () => {};
  Deno.addSignalListener("SIGURG", onSignal);
  Deno.removeSignalListener("SIGURG", onSignal);
  new Date().toString();
  crypto.getRandomValues(new Uint8Array(1));
}

/** Cuts files off from the disk that Deno holds open: its caches, which a later start believes. */
export function closeOtherFiles(): void {
  cutOffFiles((path) => !/^\/(dev\/|memfd:)/.test(path));
}

/**
 * Bounds memory and files, filters system calls, and revokes what Deno has granted beside
 * what the script is granted.
 *
 * @throws {Error} If the kernel refuses a part, and that is not allowed.
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

/** Does each part; one that the kernel refuses is an error, unless that is allowed. */
function sealBy(parts: readonly [name: string, act: () => void][], unsealed: boolean): void {
  for (const [name, act] of parts) {
    try {
      act();
    } catch (error) {
      if (unsealed) continue;
      throw new Error(
        `The kernel does not seal the sandbox (${name}): ${(error as Error).message}; the filter ` +
          "would be held by the rest alone. Write unsealed = true under [filter] to run it like that",
      );
    }
  }
}

function opensFiles({ net, read, write, sys }: FilterPermissions): boolean {
  return [net, read, write, sys].some((granted) => granted !== undefined);
}

/** Kinds of permissions; native libraries are called by functions that are loaded already. */
const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/**
 * Revokes what the script is not granted. An executable of `deno compile` has rights
 * built in, which Deno cannot narrow to a list.
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
