/** Resolves the user of a configuration in the system's user database. */

import { effectiveUser, type Identity } from "../../ffi/credentials.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { findGroup, findUser } from "../../ffi/user_database.ts";
import { quoted } from "../text/shell_quoted.ts";
import type { UserOptions } from "../config/user.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";

/** User that nfscribe runs as once everything is open. */
export interface Credentials extends Identity {
  /** User as in the configuration. */
  name: string;
  /** User and group, in the form of `chown`. */
  owner: string;
}

/** Root of the initial user namespace, or of one that maps all users. */
const ROOT = 0;

/**
 * Resolves the user and the group. The supplementary groups are those of a login, so that an
 * administrator can grant access by group.
 *
 * @param options User and group of the configuration.
 * @param file File of the configuration, for messages.
 * @returns User to change to; undefined if none is configured.
 * @throws {ConfigError} If the user or group does not exist, or this process must not change to it.
 */
export function credentialsOf(options: UserOptions, file: string): Credentials | undefined {
  const credentials = findCredentials(options, file);
  if (credentials === undefined || mayActFor(credentials.uid)) return credentials;
  const { name } = credentials;
  throw new ConfigError(file, [{
    key: "user",
    message: `user ${effectiveUser()} cannot become ${name}; ` +
      `start nfscribe as root, or as ${name} itself, or leave user out`,
  }]);
}

/**
 * Resolves the user and the group, whether or not this process may change to it.
 *
 * @throws {ConfigError} If the user or group does not exist.
 */
export function findCredentials(
  { user, group }: UserOptions,
  file: string,
): Credentials | undefined {
  if (user === undefined) return undefined;
  const problems: ConfigProblem[] = [];
  const found = query(file, "user", () => findUser(user));
  const gid = typeof group === "string"
    ? query(file, "group", () => findGroup(group))
    : group ?? found?.gid;
  if (found === undefined && typeof user === "string") problems.push(noSuchUser(user));
  else if (typeof group === "string" && gid === undefined) problems.push(noSuchGroup(group));
  else if (gid === undefined) {
    problems.push({ key: "group", message: `is missing: the system knows no user ${user}` });
  }
  const uid = found?.uid ?? Number(user);
  if (problems.length === 0 && uid === ROOT) {
    problems.push({
      key: "user",
      message: `${user} is root, who may do everything; name another user`,
    });
  }
  if (problems.length > 0 || gid === undefined) throw new ConfigError(file, problems);
  return {
    uid,
    gid,
    groups: found?.groups(gid) ?? [gid],
    name: `${user}`,
    owner: `${user}:${group ?? gid}`,
  };
}

/** Returns whether this process may change to a user, and so check that user's rights. */
export function mayActFor(uid: number): boolean {
  const self = effectiveUser();
  return self === ROOT || self === uid;
}

/** Returns the effective user id. */
export function currentUser(): number {
  return effectiveUser();
}

/**
 * Returns whether nfscribe is root of the initial user namespace: root of another one is
 * an ordinary user.
 */
export function isRoot(): boolean {
  if (effectiveUser() !== ROOT) return false;
  const [inside, outside] = (readProcFile("/proc/self/uid_map") ?? "").trim().split(/\s+/);
  return inside === `${ROOT}` && outside === `${ROOT}`;
}

function noSuchUser(user: string): ConfigProblem {
  return {
    key: "user",
    message: `there is no user "${user}"; name another one, or add it: ` +
      `useradd --system --no-create-home --shell /usr/sbin/nologin ${quoted(user)}`,
  };
}

function noSuchGroup(group: string): ConfigProblem {
  return {
    key: "group",
    message: `there is no group "${group}"; name another one, or add it: groupadd --system ${
      quoted(group)
    }`,
  };
}

/** Runs a query of the user database; failures become errors of the configuration. */
function query<Answer>(file: string, key: string, question: () => Answer): Answer {
  try {
    return question();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
    throw new ConfigError(file, [{ key, message: `cannot be looked for: ${error.message}` }]);
  }
}
