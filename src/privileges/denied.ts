/**
 * Paths that the user whom nfscribe became may not use.
 *
 * @module
 */

import { accessErrno, isDenied } from "../../ffi/files.ts";
import { ERRNO } from "../../ffi/errno.ts";
import { folderOf } from "../text/path.ts";
import type { Credentials } from "./user.ts";

/** A user's own folder. */
const HOME = /^\/(root|home\/[^/]+)\/$/;

/** A path that is used again. */
export interface OwnPath {
  /** The path; `{time}` in its name stands for a time. */
  path: string;
  /**
   * What it is: a file that is written; one that others take the place of, so that
   * its folder is written, too; a folder whose files are all ours; or something that
   * is only read.
   */
  kind: "file" | "rotated" | "folder" | "read";
  /** Whose, for messages, as in `output pcap`. */
  why: string;
  /** Whether its folder is made where it is missing. */
  makesFolder?: boolean;
}

/** A path that the user may not use as nfscribe must. */
export interface Denial {
  /** Whose the path is, as in `output pcap`. */
  why: string;
  /** The path. */
  path: string;
  /** What to do, as in `let nfscribe read it`. */
  advice: string;
  /** What to type for that; absent where there is more than one way. */
  command?: string;
}

/**
 * What cannot be opened again, as by SIGHUP, by rotation, or for a new sandbox. To
 * be called as the user; it opens nothing.
 *
 * @param paths What is opened again.
 * @param credentials The user.
 * @returns A message of several lines, each with what to do; undefined if all is well.
 */
export function deniedText(
  paths: readonly OwnPath[],
  credentials: Credentials,
): string | undefined {
  const lines = denialsOf(paths, credentials).map(denialLine);
  if (lines.length === 0) return undefined;
  return [`As user ${credentials.name}, nfscribe cannot open these again:`, ...lines].join("\n");
}

/** As in `the configuration: /etc/n.toml: let nfscribe read it: chgrp …`. */
export function denialLine({ why, path, advice, command }: Denial): string {
  return `${why}: ${path}: ${advice}${command === undefined ? "" : `: ${command}`}`;
}

/**
 * Paths that the user may not use. To be called as the user; it opens nothing.
 *
 * @param paths What is opened.
 * @param credentials The user.
 */
export function denialsOf(paths: readonly OwnPath[], credentials: Credentials): Denial[] {
  return paths.flatMap((own) => {
    const found = problemOf(own, credentials);
    return found === undefined ? [] : [{ why: own.why, path: own.path, ...found }];
  });
}

/** What is wrong with a path. */
type Problem = Pick<Denial, "advice" | "command">;

function problemOf({ path, kind, makesFolder }: OwnPath, user: Credentials): Problem | undefined {
  const { owner, name } = user;
  const folder = folderOf(path);
  if (isDenied(folder, ["search"])) return unsearchable(folder, user);
  if (kind === "read") return isDenied(path, ["read"]) ? unreadable(path, user) : undefined;
  if (kind === "folder") {
    return isDenied(path, ["read", "write", "search"])
      ? { advice: `let it belong to ${name}`, command: `chown -R ${owner} ${quoted(path)}` }
      : absentFrom(path, folder, user);
  }
  if (isDenied(path, ["write"])) {
    return { advice: `let it belong to ${name}`, command: `chown ${owner} ${quoted(path)}` };
  }
  if (kind === "rotated" && isDenied(folder, ["write"])) {
    return { advice: `its next file needs a folder that belongs to ${name}: choose another one` };
  }
  return makesFolder === true ? undefined : absentFrom(path, folder, user);
}

/** What is wrong where a path is not there yet, and cannot be made. */
function absentFrom(path: string, folder: string, { owner, name }: Credentials) {
  if (accessErrno(path, []) !== ERRNO.ENOENT) return undefined;
  if (accessErrno(folder, []) === ERRNO.ENOENT) {
    const [user, group] = owner.split(":");
    return {
      advice: "its folder is not there; make it",
      command: `install -d -o ${user} -g ${group} -m 0750 ${quoted(folder)}`,
    };
  }
  return isDenied(folder, ["write"])
    ? { advice: `${name} may not make files in ${folder}: choose a folder that belongs to ${name}` }
    : undefined;
}

function unreadable(path: string, { owner, name }: Credentials): Problem {
  const [group, file] = [owner.slice(owner.indexOf(":") + 1), quoted(path)];
  const right = path.endsWith("/") ? "g+rx" : "g+r";
  return {
    advice: `let ${name} read it`,
    command: `chgrp ${group} ${file} && chmod ${right} ${file}`,
  };
}

/** The outermost folder on the way that stands in it. */
function unsearchable(folder: string, { owner, name }: Credentials): Problem {
  let ends = folder.indexOf("/") + 1;
  while (ends < folder.length && !isDenied(folder.slice(0, ends), ["search"])) {
    ends = folder.indexOf("/", ends) + 1;
  }
  const closed = folder.slice(0, ends);
  const group = owner.slice(owner.indexOf(":") + 1);
  // Nobody else has a business there.
  if (HOME.test(closed)) return { advice: `${name} cannot enter ${closed}; choose another folder` };
  return {
    advice: `let ${name} search ${closed}`,
    command: `chgrp ${group} ${quoted(closed)} && chmod g+x ${quoted(closed)}`,
  };
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
