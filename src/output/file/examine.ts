/** Examination of files and folders that outputs write. Nothing is opened for writing. */

import { sizeText } from "../../text/figures.ts";
import { nodeFs } from "../../builtin_modules.ts";
import { accessTo } from "../../access_reader.ts";
import { folderOf, lookAt } from "../../files/place.ts";
import { realPlace } from "../../files/real_place.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import { isGranted } from "../../permission.ts";
import { quoted, quotedPath } from "../../text/shell_quoted.ts";
import { mustStay } from "../../text/system_folders.ts";
import type { OutputExamination, Owner } from "../define.ts";
import { type FileOptions, isRotated, STANDARD_OUTPUT } from "./options.ts";

/** Less than this is no room to write to, in bytes. */
const ROOM_LEAST = 1024 * 1024;
/** Folder of a path without one. */
const CURRENT = "./";

/** Examines a file that an output writes. */
export function examineFile(options: FileOptions, { check, owner }: OutputExamination): Finding {
  const { path } = options;
  if (path === STANDARD_OUTPUT) return ok(check, "standard output");
  const folder = folderOf(path) || CURRENT;
  const there = lookedAt(path);
  if (there instanceof Error) {
    return fix(check, `${path}: ${there.message}`, "see to that, or name another file");
  }
  if (there?.isDirectory) return fix(check, `${path} is a folder`, "name a file in it");
  const makesFolders = options.makeFolders === true;
  // What follows an ended file is made anew.
  const isMade = there === undefined || isRotated(options);
  const problem = (there === undefined ? undefined : denied(check, path, "file", owner)) ??
    (isMade ? folderProblem(check, folder, makesFolders, owner) : undefined);
  if (problem !== undefined) return problem;
  const free = freeBytes(folder);
  if (free !== undefined && free < ROOM_LEAST) {
    return fix(check, `${path}: its file system is full`, "make room there", [
      `df -h ${quotedPath(folder)}`,
    ]);
  }
  const room = free === undefined ? "" : `; ${sizeText(free)} free`;
  return ok(check, `${path} ${there === undefined ? "can be made" : "can be written"}${room}`);
}

/** Looks at a path; returns undefined if nothing is there or to be seen, an error if it must not be opened. */
function lookedAt(path: string): Deno.FileInfo | Error | undefined {
  if (path.includes("{time}")) return undefined;
  try {
    return lookAt(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    return error as Error;
  }
}

function folderProblem(
  check: string,
  folder: string,
  makesFolders: boolean,
  owner: Owner | undefined,
): Finding | undefined {
  if (accessTo(folder, ["search"]) === "absent") {
    return makesFolders ? undefined : fix(check, `its folder ${folder} is not there`, "make it", [
      `mkdir -p ${quotedPath(folder)}`,
    ]);
  }
  return denied(check, folder, "folder", owner);
}

function denied(
  check: string,
  path: string,
  kind: "file" | "folder",
  owner: Owner | undefined,
): Finding | undefined {
  const access = accessTo(path, kind === "file" ? ["write"] : ["write", "search"]);
  if (access === "yes" || access === "absent") return undefined;
  if (access === "read-only") {
    return fix(check, `${path} is on a file system that is read-only`, "choose another place");
  }
  if (owner !== undefined && mustStay(realPlace(path))) {
    return fix(
      check,
      `user ${owner.name} may not write ${kind === "file" ? path : `to the folder ${path}`}`,
      "it is the system's; choose another place",
    );
  }
  const who = owner === undefined ? "this user" : `user ${owner.name}`;
  return fix(
    check,
    `${who} may not write ${kind === "file" ? path : `to the folder ${path}`}`,
    owner === undefined
      ? "run as a user who may, or choose another place"
      : "let it belong to that user",
    owner === undefined ? [] : [`chown ${quoted(owner.owner)} ${quotedPath(path)}`],
  );
}

/**
 * Examines the folder of a spool.
 *
 * @returns The problem; undefined where there is none.
 */
export function examineSpool(
  spool: string,
  { check, owner }: OutputExamination,
): Finding | undefined {
  const folder = spool.endsWith("/") ? spool : `${spool}/`;
  if (accessTo(folder, ["search"]) !== "absent") return denied(check, folder, "folder", owner);
  return folderProblem(check, folderOf(spool.replace(/\/+$/, "")) || CURRENT, false, owner);
}

/** Returns how many bytes may still be written; undefined without the permission to ask. */
function freeBytes(folder: string): number | undefined {
  if (!isGranted({ name: "sys", value: "statfs" })) return undefined;
  try {
    const { bavail, bsize } = nodeFs().statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
