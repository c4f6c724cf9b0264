/** Finds paths that nfscribe's user must not use. */

import { accessErrno, isDenied } from "../../ffi/files.ts";
import { ERRNO } from "../../ffi/errno.ts";
import { realPlace } from "../files/real_place.ts";
import { folderOf } from "../text/path.ts";
import { mustStay } from "../text/system_folders.ts";
import { quoted, quotedPath } from "../text/shell_quoted.ts";
import type { Credentials } from "./user.ts";

/** Home folder of a user. */
const HOME = /^\/(root|home\/[^/]+)\/$/;

/** Path that is opened again later. */
export interface OwnPath {
  /** Path; `{time}` in its name stands for a time. */
  path: string;
  /**
   * Kind: file that is written; rotated file, whose folder is written, too; folder whose files are
   * nfscribe's own; path that is only read; or file with a password, which is only read.
   */
  kind: "file" | "rotated" | "folder" | "read" | "secret";
  /** Owner in the configuration, for messages, as in `output pcap`. */
  why: string;
  /** Whether its folder is created if it is missing. */
  makesFolder?: boolean;
}

/** Path that the user must not use, although nfscribe has to. */
export interface Denial {
  /** Owner in the configuration, as in `output pcap`. */
  why: string;
  path: string;
  /** Remedy, as in `let nfscribe read it`. */
  advice: string;
  /** Command of the remedy; absent if there are several ways. */
  command?: string;
}

/**
 * Describes the paths that cannot be opened again: on SIGHUP, by rotation, or for a new sandbox.
 * Must be called as that user; opens nothing.
 *
 * @param paths Paths that are opened again.
 * @param credentials The user.
 * @returns Message of several lines, each with a remedy; undefined if all is well.
 */
export function deniedText(
  paths: readonly OwnPath[],
  credentials: Credentials,
): string | undefined {
  const lines = denialsOf(paths, credentials).map(denialLine);
  if (lines.length === 0) return undefined;
  return [`As user ${credentials.name}, nfscribe cannot open these again:`, ...lines].join("\n");
}

/** Formats a denial, as in `the configuration: /etc/n.toml: let nfscribe read it: chgrp …`. */
export function denialLine({ why, path, advice, command }: Denial): string {
  return `${why}: ${path}: ${advice}${command === undefined ? "" : `: ${command}`}`;
}

/**
 * Returns the paths that the user must not use. Must be called as that user; opens nothing.
 *
 * @param paths Paths to check.
 * @param credentials The user.
 */
export function denialsOf(paths: readonly OwnPath[], credentials: Credentials): Denial[] {
  return paths.flatMap((own) => {
    const found = problemOf(own, credentials);
    return found === undefined ? [] : [{ why: own.why, path: own.path, ...found }];
  });
}

/** Remedy for a path. */
type Problem = Pick<Denial, "advice" | "command">;

function problemOf({ path, kind, makesFolder }: OwnPath, user: Credentials): Problem | undefined {
  const { owner, name } = user;
  const folder = folderOf(path);
  if (isDenied(folder, ["search"])) return unsearchable(folder, user);
  if (kind === "read") return isDenied(path, ["read"]) ? unreadable(path, user) : undefined;
  if (kind === "secret") return isDenied(path, ["read"]) ? closedSecret(path, user) : undefined;
  if (kind === "folder") {
    return isDenied(path, ["read", "write", "search"])
      ? given(path, `chown -R ${quoted(owner)} ${quotedPath(path)}`, name)
      : absentFrom(path, folder, user);
  }
  if (isDenied(path, ["write"])) {
    return given(path, `chown ${quoted(owner)} ${quotedPath(path)}`, name);
  }
  if (kind === "rotated" && isDenied(folder, ["write"])) {
    return { advice: `its next file needs a folder that belongs to ${name}: choose another one` };
  }
  return makesFolder === true ? undefined : absentFrom(path, folder, user);
}

/** Returns the remedy for a path that the user must own; what is the system's is not given away. */
function given(path: string, command: string, name: string): Problem {
  return mustStay(realPlace(path))
    ? { advice: "it is the system's; choose another path" }
    : { advice: `let it belong to ${name}`, command };
}

/** Returns the remedy for a missing path that cannot be created. */
function absentFrom(path: string, folder: string, { owner, name }: Credentials) {
  if (accessErrno(path, []) !== ERRNO.ENOENT) return undefined;
  if (accessErrno(folder, []) === ERRNO.ENOENT) {
    const [user, group] = owner.split(":");
    return {
      advice: "its folder is not there; make it",
      command: `install -d -o ${quoted(user!)} -g ${quoted(group!)} -m 0750 ${quotedPath(folder)}`,
    };
  }
  return isDenied(folder, ["write"])
    ? { advice: `${name} may not make files in ${folder}: choose a folder that belongs to ${name}` }
    : undefined;
}

function unreadable(path: string, { owner, name }: Credentials): Problem {
  const [group, file] = [owner.slice(owner.indexOf(":") + 1), quotedPath(path)];
  const right = path.endsWith("/") ? "g+rx" : "g+r";
  return {
    advice: `let ${name} read it`,
    command: `chgrp ${quoted(group)} ${file} && chmod ${right} ${file}`,
  };
}

/** Returns the remedy for a file with a password, which is refused where others may read it. */
function closedSecret(path: string, { owner, name }: Credentials): Problem {
  const file = quotedPath(path);
  return {
    advice: `let it belong to ${name} alone`,
    command: `chown ${quoted(owner)} ${file} && chmod 600 ${file}`,
  };
}

/** Returns the remedy for the outermost folder of a path that cannot be searched. */
function unsearchable(folder: string, { owner, name }: Credentials): Problem {
  let ends = folder.indexOf("/") + 1;
  while (ends < folder.length && !isDenied(folder.slice(0, ends), ["search"])) {
    ends = folder.indexOf("/", ends) + 1;
  }
  const closed = folder.slice(0, ends);
  const group = owner.slice(owner.indexOf(":") + 1);
  // Other users' home folders should stay closed.
  if (HOME.test(closed)) return { advice: `${name} cannot enter ${closed}; choose another folder` };
  return {
    advice: `let ${name} search ${closed}`,
    command: `chgrp ${quoted(group)} ${quotedPath(closed)} && chmod g+x ${quotedPath(closed)}`,
  };
}
