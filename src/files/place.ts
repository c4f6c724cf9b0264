/**
 * Checks of a path before a file is opened there: other users may have put something else in its
 * place.
 */

import { isGranted, type Need } from "../permission.ts";
import { absolute } from "../text/path.ts";
import { quoted, quotedPath } from "../text/shell_quoted.ts";

/** Folders where every user may create files, for processes that may not stat them. */
const SHARED: readonly string[] = ["/tmp/", "/var/tmp/", "/dev/shm/"];

/** Properties of a folder. */
interface Folder {
  /** Whether every user may create files in it. */
  isShared: boolean;
  /** Its owner. */
  uid: number | null;
}

/** Returns the folder of a path, with `/` at its end; empty for the current one. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/**
 * Returns what is wrong where a file cannot be made for lack of its folder, and what to do.
 *
 * @param path The file.
 * @returns Text that fits after a colon.
 */
export function noFolder(path: string): string {
  return `its folder does not exist; make it first: mkdir -p ${quotedPath(folderOf(path) || ".")}`;
}

/** Error for something in the place of a file that is not a regular file. */
export class NotRegularError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "NotRegularError";
  /** Its kind, such as `a named pipe`. */
  readonly kind: string;

  /**
   * Creates the error; its message fits after a colon. The advice is omitted if there is nothing to
   * do.
   */
  constructor(kind: string, advice?: string) {
    super(`it is ${kind}, not a file${advice === undefined ? "" : `; ${advice}`}`);
    this.kind = kind;
  }
}

/** Advice for something in the place of a file. */
export const REMOVE_IT = "remove it, or choose another path";

/** Inode and device of a file. */
export type FileIdentity = Pick<Deno.FileInfo, "ino" | "dev">;

/**
 * Symbolic links that are followed: those outside folders where every user may create one, or
 * none.
 */
export type Links = "trusted" | "none";

/**
 * Returns what a path names, before it is opened. Refuses what other users may have put there, as
 * Linux does with `fs.protected_symlinks`, `fs.protected_regular` and `fs.protected_fifos`.
 *
 * @returns Its properties; undefined if nothing is there.
 * @throws {Error} If it must not be opened; the message fits after a colon.
 */
export function lookAt(path: string, links: Links = "trusted"): Deno.FileInfo | undefined {
  const info = unlessAbsent(() => Deno.lstatSync(path));
  if (info === undefined) return undefined;
  if (!info.isSymlink) {
    refuseForeign(path, info);
    return info;
  }
  if (links === "none") {
    throw new NotRegularError("a symbolic link", REMOVE_IT);
  }
  refuseLink(path);
  const target = unlessAbsent(() => Deno.statSync(path));
  if (target !== undefined) return target;
  throw new Error(
    "it is a symbolic link that leads to nothing; make that file, or remove the link",
  );
}

/**
 * Requires that the opened file is the one that was checked before.
 *
 * @throws {Error} If it was replaced in between.
 */
export function requireSame(before: FileIdentity, opened: FileIdentity): void {
  if (isSame(before, opened)) return;
  throw new Error(
    "another process replaced it while it was opened; find out which, and try again",
  );
}

/** Returns whether both are the same file. */
export function isSame(one: FileIdentity, other: FileIdentity): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Returns whether a path names anything. */
export function isTaken(path: string): boolean {
  return unlessAbsent(() => Deno.lstatSync(path)) !== undefined;
}

/** Returns the result of a look-up; undefined if nothing is there. */
export function unlessAbsent<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

/** Refuses a link in a folder where every user may create one. */
function refuseLink(path: string): void {
  const folder = folderOf(path) || ".";
  const { isShared } = lookAtFolder(path) ?? {};
  if (isShared === false) return;
  const where = isShared === true
    ? `in ${folder}, where every user may create one`
    : `and checking whether every user may create one in ${folder} takes ${
      quoted(`--allow-read=${folder}`)
    }`;
  throw new Error(`it is a symbolic link ${where}; name the file that is meant`);
}

/**
 * Refuses a file of another user in a shared folder, whose owner may read and change it, and one
 * with several names: every user may create a hard link to a file of this user's.
 */
function refuseForeign(path: string, { uid, nlink, isFile }: Deno.FileInfo): void {
  const folder = lookAtFolder(path);
  if (folder?.isShared !== true) return;
  const where = `in ${folderOf(path) || "."}, where every user may create one`;
  if (isFile && (nlink ?? 1) > 1) {
    throw new Error(
      `it is a hard link to a file with ${nlink} names, ${where}; choose another folder, or remove it`,
    );
  }
  // The folder's owner may replace every file in it anyway.
  if (uid === folder.uid) return;
  const own = ownUid();
  if (uid === own) return;
  throw new Error(
    own === undefined
      ? `it is there already, ${where}, and whether it is this user's takes --allow-sys=uid to see; ` +
        "run again with that, or choose another folder"
      : `it is a file of user ${uid} ${where}; choose another folder, or remove it`,
  );
}

/** Returns the properties of a path's folder; undefined if they are not known. */
function lookAtFolder(path: string): Folder | undefined {
  const folder = folderOf(path);
  try {
    const { mode, uid } = Deno.statSync(folder || ".");
    return { isShared: mode !== null && (mode & 0o002) !== 0, uid };
  } catch (error) {
    // The permission for a file does not include its folder.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return SHARED.includes(folderOf(absolute(path))) ? { isShared: true, uid: 0 } : undefined;
  }
}

/**
 * Returns the rights that {@linkcode lookAt} takes beside those to the path: in a shared folder, to
 * know whose file is there already. Where none is there, or that of the folder's owner, it does
 * without.
 *
 * @param path A file that is opened to write.
 */
export function ownerNeeds(path: string): Need[] {
  try {
    if (lookAtFolder(path)?.isShared !== true) return [];
  } catch {
    // Opening the file tells what is wrong with its folder.
    return [];
  }
  const why = "whether a file in a folder where anybody may put one is this user's";
  return [{ name: "sys", value: "uid", why, isOptional: true }];
}

function ownUid(): number | undefined {
  return isGranted({ name: "sys", value: "uid" }) ? Deno.uid() ?? undefined : undefined;
}
