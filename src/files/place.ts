/**
 * Where a file may be opened: not what others have put there.
 *
 * @module
 */

/** Folders where anybody may make files, for those who may not look at them. */
const SHARED: readonly string[] = ["/tmp/", "/var/tmp/", "/dev/shm/"];

/** A folder, as far as it matters. */
interface Folder {
  /** Whether anybody may make files in it. */
  isShared: boolean;
  /** Whose it is. */
  uid: number | null;
}

/** The folder of a path, with `/` at its end; empty for the current one. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Something in the place of a file that is no regular file. */
export class NotRegularError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "NotRegularError";
  /** What it is, as in `a named pipe`. */
  readonly kind: string;

  /** Its message stands behind a colon; the advice is left out where nothing is to be done. */
  constructor(kind: string, advice?: string) {
    super(`it is ${kind}, not a file${advice === undefined ? "" : `; ${advice}`}`);
    this.kind = kind;
  }
}

/** What to do about something in the place of a file. */
export const REMOVE_IT = "remove it, or choose another path";

/** Number of a file, and of the device that it lies on. */
export type FileIdentity = Pick<Deno.FileInfo, "ino" | "dev">;

/** Symbolic links that are followed: those in folders where not anybody may put one, or none. */
export type Links = "trusted" | "none";

/**
 * Looks at what a path names, before it is opened. What others can have put there
 * is refused, as Linux itself does it where `fs.protected_symlinks`,
 * `fs.protected_regular` and `fs.protected_fifos` are set.
 *
 * @returns What is there; undefined for nothing.
 * @throws {Error} If it must not be opened; the message stands behind a colon.
 */
export function lookAt(path: string, links: Links = "trusted"): Deno.FileInfo | undefined {
  const info = unlessAbsent(() => Deno.lstatSync(path));
  if (info === undefined) return undefined;
  if (!info.isSymlink) {
    refuseStrange(path, info);
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
 * Compares what was opened with what was looked at before.
 *
 * @throws {Error} If somebody changed one for the other in between.
 */
export function requireSame(before: FileIdentity, opened: FileIdentity): void {
  if (isSame(before, opened)) return;
  throw new Error(
    "somebody put something else in its place while it was opened; see who, and try again",
  );
}

/** Whether it is one and the same file. */
export function isSame(one: FileIdentity, other: FileIdentity): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Whether a path names anything. */
export function isTaken(path: string): boolean {
  return unlessAbsent(() => Deno.lstatSync(path)) !== undefined;
}

/** What a look finds; undefined where nothing is there. */
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

/** A link may lead to a file that only this user may write. */
function refuseLink(path: string): void {
  const folder = folderOf(path) || ".";
  const { isShared } = lookAtFolder(path) ?? {};
  if (isShared === false) return;
  const where = isShared === true
    ? `in ${folder}, where anybody may put one`
    : `and whether anybody may put one into ${folder} takes --allow-read=${folder} to see`;
  throw new Error(`it is a symbolic link ${where}; name the file that is meant`);
}

/** A file of somebody else's may be read and changed by them. */
function refuseStrange(path: string, { uid }: Deno.FileInfo): void {
  const folder = lookAtFolder(path);
  // Whoever owns the folder may do everything there anyway.
  if (folder?.isShared !== true || uid === folder.uid) return;
  const own = ownUid();
  if (uid === own) return;
  const where = `in ${folderOf(path) || "."}, where anybody may put one`;
  throw new Error(
    own === undefined
      ? `it is there already, ${where}, and whether it is this user's takes --allow-sys=uid to see; ` +
        "run again with that, or choose another folder"
      : `it is a file of user ${uid} ${where}; choose another folder, or remove it`,
  );
}

/** What is known of a path's folder; undefined for nothing. */
function lookAtFolder(path: string): Folder | undefined {
  const folder = folderOf(path);
  try {
    const { mode, uid } = Deno.statSync(folder || ".");
    return { isShared: mode !== null && (mode & 0o002) !== 0, uid };
  } catch (error) {
    // A right to one file does not reach to its folder.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return SHARED.includes(folder) ? { isShared: true, uid: 0 } : undefined;
  }
}

function ownUid(): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() ?? undefined : undefined;
}
