/**
 * The user that a configuration names, as the system knows it.
 *
 * @module
 */

import { effectiveUser, type Identity } from "../../ffi/credentials.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { findGroup, findUser } from "../../ffi/user_database.ts";
import type { UserOptions } from "../config/user.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";

/** Whom nfscribe acts for once everything is open. */
export interface Credentials extends Identity {
  /** The user as the configuration names it. */
  name: string;
  /** Both, as `chown` takes them. */
  owner: string;
}

/** `root` of the first user namespace, and of one that has all users. */
const ROOT = 0;

/**
 * Looks for the user and the group. The other groups are those that the user has
 * at a login: so an administrator can let nfscribe read or write what a group may.
 *
 * @param options What the configuration says.
 * @param file Where it stands, for messages.
 * @returns Whom to become; undefined where no user is named.
 * @throws {ConfigError} If there is no such user or group, or nfscribe may not become it.
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
 * The same, whether or not nfscribe may become that user.
 *
 * @throws {ConfigError} If there is no such user or group.
 */
export function findCredentials(
  { user, group }: UserOptions,
  file: string,
): Credentials | undefined {
  if (user === undefined) return undefined;
  const problems: ConfigProblem[] = [];
  const found = ask(file, "user", () => findUser(user));
  const gid = typeof group === "string"
    ? ask(file, "group", () => findGroup(group))
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

/** Whether this process may act for a user, and so see what that user may do. */
export function mayActFor(uid: number): boolean {
  const self = effectiveUser();
  return self === ROOT || self === uid;
}

/** Returns the number of the user that this process acts for. */
export function currentUser(): number {
  return effectiveUser();
}

/** Whether nfscribe is root, and that of the system: root of a user namespace is a plain user. */
export function isRoot(): boolean {
  if (effectiveUser() !== ROOT) return false;
  const [inside, outside] = (readProcFile("/proc/self/uid_map") ?? "").trim().split(/\s+/);
  return inside === `${ROOT}` && outside === `${ROOT}`;
}

function noSuchUser(user: string): ConfigProblem {
  return {
    key: "user",
    message: `there is no user "${user}"; name another one, or add it: ` +
      `useradd --system --no-create-home --shell /usr/sbin/nologin ${user}`,
  };
}

function noSuchGroup(group: string): ConfigProblem {
  return {
    key: "group",
    message:
      `there is no group "${group}"; name another one, or add it: groupadd --system ${group}`,
  };
}

/** A question to the system, whose failure is one of the configuration. */
function ask<Answer>(file: string, key: string, question: () => Answer): Answer {
  try {
    return question();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
    throw new ConfigError(file, [{ key, message: `cannot be looked for: ${error.message}` }]);
  }
}
