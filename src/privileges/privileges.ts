/**
 * Giving up what nfscribe was started with: the user, groups, capabilities.
 *
 * @module
 */

import {
  actFor,
  becomeUser,
  effectiveUser,
  emptyBoundingSet,
  emptyCapabilities,
  forbidNewPrivileges,
  regain,
  takeGroups,
} from "../../ffi/credentials.ts";
import { cutOffFiles } from "../../ffi/cut_off.ts";
import { isDenied } from "../../ffi/files.ts";
import { threadsOfProcess, type ThreadStatus } from "../../ffi/threads.ts";
import { NetlinkError } from "../errors.ts";
import { type Credentials, isRoot } from "./user.ts";

/** Databases of Deno's in `DENO_DIR`: compiled code and imports of modules, with SQLite's files beside them. */
const DENO_CACHE = /_cache_v\d+(-wal|-shm|-journal)?$/;

/** Where is told what could not be given up. */
interface Warnings {
  /** Something that works, but not as asked for. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Acts for another user from the first file on, and becomes that user for good once
 * everything is open. Files that are made meanwhile belong to that user, and what
 * that user may not open, or has put in the way, is not opened with root's rights:
 * the next start is no way back to root for who broke into nfscribe.
 *
 * @example
 * ```ts ignore
 * const privileges = Privileges.lower(credentials);
 * await openFiles();
 * await privileges.raised(() => openSockets());
 * privileges.drop(log);
 * ```
 */
export class Privileges {
  readonly #credentials: Credentials;
  /** Whom nfscribe was started as. */
  readonly #self: number;

  private constructor(credentials: Credentials, self: number) {
    this.#credentials = credentials;
    this.#self = self;
  }

  /**
   * Acts for the user, in every thread, until it is raised or dropped.
   *
   * @param credentials Whom to act for.
   * @throws {Deno.errors.PermissionDenied} If the system refuses.
   */
  static lower(credentials: Credentials): Privileges {
    const privileges = new Privileges(credentials, effectiveUser());
    privileges.#attempt(() => {
      // Started as that user, nfscribe has the groups that it was started with.
      if (!privileges.#isOther) return;
      takeGroups(credentials);
      actFor(credentials.uid);
    });
    return privileges;
  }

  /**
   * Does something with the rights that nfscribe was started with; all threads have
   * them meanwhile.
   *
   * @param act What takes them, as opening a netlink socket.
   */
  async raised<Value>(act: () => Value | Promise<Value>): Promise<Value> {
    if (!this.#isOther) return await act();
    this.#attempt(() => actFor(this.#self));
    try {
      return await act();
    } finally {
      this.#attempt(() => actFor(this.#credentials.uid));
    }
  }

  /**
   * Becomes the user for good: without capabilities, with no_new_privs, in every
   * thread. Then looks at each of them, and tries to get back.
   *
   * @param log Told what could not be given up.
   * @throws {Deno.errors.PermissionDenied} If the user could not be changed, or could be changed back.
   */
  drop(log: Warnings): void {
    const { uid, gid, groups } = this.#credentials;
    this.#attempt(() => {
      // Taking from the bounding set takes a capability.
      if (this.#isOther) actFor(this.#self);
      emptyBoundingSet();
      // A service manager's filter may deny the call to those who are that user already.
      if (!isUser(uid)) becomeUser(uid);
      emptyCapabilities();
      forbidNewPrivileges();
      // Deno has opened them as who started it, and a later start as that user runs the code
      // in them.
      cutOffFiles((path) => DENO_CACHE.test(path) && isDenied(path, ["write"]));
    });
    const expected = { uid, gid, groups: this.#isOther ? groups : undefined };
    const { failure, warnings } = findings(threadsOfProcess(), regain(), expected);
    if (failure !== undefined) {
      throw new Deno.errors.PermissionDenied(
        `Cannot become user ${this.#credentials.name}: ${failure}; this is a fault of the system or ` +
          "of nfscribe: report it, and start nfscribe as that user instead",
      );
    }
    for (const warning of warnings) log.warn(warning);
  }

  get #isOther(): boolean {
    return this.#self !== this.#credentials.uid;
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      throw refused(this.#credentials, error);
    }
  }
}

/**
 * Tells that nfscribe goes on as root. Root of a user namespace is a plain user.
 *
 * @param log Told.
 */
export function warnOfRoot(log: Warnings): void {
  if (!isRoot()) return;
  log.warn(
    'nfscribe goes on as root; write user = "NAME" at the top of the configuration, and it becomes ' +
      "that user once everything is open",
  );
}

/** Whether each thread is a user, with no way back to another one. */
function isUser(uid: number): boolean {
  const threads = threadsOfProcess();
  return threads.length > 0 && threads.every(({ uids }) => uids.every((id) => id === uid));
}

function refused({ name }: Credentials, cause: NetlinkError): Error {
  const hint = cause.code === "EINVAL" || cause.code === "EPERM"
    ? "; it takes CAP_SETUID and CAP_SETGID, and a user that this user namespace knows"
    : "";
  return new Deno.errors.PermissionDenied(`Cannot become user ${name}: ${cause.message}${hint}`, {
    cause,
  });
}

/**
 * Judges what the kernel tells after the change. Pure.
 *
 * @param threads Every thread.
 * @param regained What could be taken back.
 * @param expected What each thread should be; groups are not looked at where they are undefined.
 * @returns What makes it useless, if anything, and what is not as it should be.
 */
export function findings(
  threads: readonly ThreadStatus[],
  regained: readonly string[],
  expected: { uid: number; gid: number; groups: readonly number[] | undefined },
): { failure?: string; warnings: string[] } {
  const warnings: string[] = [];
  if (threads.length === 0) return { failure: "/proc does not tell what threads may", warnings };
  if (regained.length > 0) return { failure: `${regained.join(", ")} succeeded after`, warnings };
  const other = threads.find((thread) => !isAs(thread, expected));
  if (other !== undefined) return { failure: `thread ${other.name} did not`, warnings };
  const capable = threads.filter(({ capabilities }) => capabilities !== 0n).length;
  if (capable > 0) {
    warnings.push(
      `${capable} of ${threads.length} threads keep capabilities that nfscribe was started with: the kernel takes them ` +
        "from all threads only where root becomes another user; start nfscribe as root",
    );
  }
  const loose = threads.filter(({ noNewPrivileges }) => !noNewPrivileges).length;
  if (loose > 0) {
    warnings.push(
      `${loose} of ${threads.length} threads lack no_new_privs, for the kernel has no seccomp; ` +
        "start nfscribe with setpriv --no-new-privs",
    );
  }
  return { warnings };
}

function isAs(
  thread: ThreadStatus,
  { uid, gid, groups = thread.groups }: Parameters<typeof findings>[2],
): boolean {
  return thread.uids.every((id) => id === uid) && thread.gids.every((id) => id === gid) &&
    thread.groups.every((id) => groups.includes(id));
}
