/** Drops the user, groups and capabilities that nfscribe was started with. */

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

/**
 * Deno's databases in `DENO_DIR`: compiled code and imports of modules, with SQLite's auxiliary
 * files.
 */
const DENO_CACHE = /_cache_v\d+(-wal|-shm|-journal)?$/;

/** Receives warnings about rights that could not be dropped. */
interface Warnings {
  /** Logs at warn level. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Sets the effective user before the first file is opened, and changes to that user permanently
 * once everything is open. New files belong to the user, and files that this user could not open,
 * or has replaced by links, are not opened with root's rights: an attacker in control of nfscribe
 * must not gain root through the next start.
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
  /** Effective user at the start. */
  readonly #self: number;

  private constructor(credentials: Credentials, self: number) {
    this.#credentials = credentials;
    this.#self = self;
  }

  /**
   * Sets the effective user in all threads, until raised or dropped.
   *
   * @param credentials User to run as.
   * @throws {Deno.errors.PermissionDenied} If the system refuses.
   */
  static lower(credentials: Credentials): Privileges {
    const privileges = new Privileges(credentials, effectiveUser());
    privileges.#attempt(() => {
      // Started as that user, nfscribe keeps its groups.
      if (!privileges.#isOther) return;
      takeGroups(credentials);
      actFor(credentials.uid);
    });
    return privileges;
  }

  /**
   * Runs a function with the rights at the start; all threads have them in the meantime.
   *
   * @param act Function that needs the rights, as to open a netlink socket.
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
   * Changes to the user permanently, without capabilities and with no_new_privs, in all threads.
   * Then verifies each thread and tries to regain the rights.
   *
   * @param log Receives warnings about rights that could not be dropped.
   * @throws {Deno.errors.PermissionDenied} If the user could not be changed, or could be changed
   * back.
   */
  drop(log: Warnings): void {
    const { uid, gid, groups } = this.#credentials;
    this.#attempt(() => {
      // PR_CAPBSET_DROP needs CAP_SETPCAP.
      if (this.#isOther) actFor(this.#self);
      emptyBoundingSet();
      // A service manager's seccomp filter may deny the call even without a change.
      if (!isUser(uid)) becomeUser(uid);
      emptyCapabilities();
      forbidNewPrivileges();
      // Deno opened them as the initial user, and a later start as that user would execute code
      // from them.
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
 * Warns if nfscribe keeps running as root. Root of a user namespace is an ordinary user.
 *
 * @param log Receives the warning.
 * @param keeper Name of a source that needs the rights of the start for good; undefined for none.
 */
export function warnOfRoot(log: Warnings, keeper?: string): void {
  if (!isRoot()) return;
  if (keeper !== undefined) {
    log.warn(
      `nfscribe goes on as root: source ${keeper} takes CAP_NET_ADMIN as long as it is read; ` +
        "systemd can give another user that capability alone (AmbientCapabilities=)",
    );
    return;
  }
  log.warn(
    'nfscribe goes on as root; write user = "NAME" at the top of the configuration, and it becomes ' +
      "that user once everything is open",
  );
}

/** Returns whether all IDs of all threads are this user's. */
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
 * Evaluates the state of threads after the change. Pure.
 *
 * @param threads All threads.
 * @param regained Rights that could be regained.
 * @param expected Expected IDs; groups are not checked if they are undefined.
 * @returns Failure that makes the change useless, if any, and warnings.
 */
export function findings(
  threads: readonly ThreadStatus[],
  regained: readonly string[],
  expected: { uid: number; gid: number; groups: readonly number[] | undefined },
): { failure?: string; warnings: string[] } {
  const warnings: string[] = [];
  if (threads.length === 0) {
    return { failure: "/proc does not show the rights of threads", warnings };
  }
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
