/**
 * Resolves the links of a path, and follows none that another user may have made to a file that is
 * not theirs.
 */

import { cString } from "./c_strings.ts";
import { UnreadableError, unreadableReason } from "./beneath.ts";
import { effectiveUser } from "./credentials.ts";
import { lastErrno } from "./errno.ts";
import { openSymbols } from "./libc.ts";
import { linkTarget } from "./links.ts";

const SYMBOLS = {
  /** `int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf)` (sys/stat.h) */
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `AT_FDCWD`, `AT_SYMLINK_NOFOLLOW` (linux/fcntl.h) */
const [AT_FDCWD, AT_SYMLINK_NOFOLLOW] = [-100, 0x100];
/** `STATX_TYPE | STATX_UID` (linux/stat.h) */
const STATX_TYPE_UID = 0x1 | 0x8;
/** `S_IFMT` and `S_IFLNK` (linux/stat.h) */
const [S_IFMT, S_IFLNK] = [0o170000, 0o120000];
/** Limit of links in a path, as in the kernel (path_resolution(7)). */
const LINKS_MAX = 40;
const ROOT = 0;

/**
 * Returns a path without links. A link is followed if root, this process' user or the owner of its
 * target made it, as Linux does in sticky folders (`fs.protected_symlinks`).
 *
 * @param path Absolute path.
 * @throws {UnreadableError} If there is no such file, or a link is not followed.
 */
export function resolveLinks(path: string): string {
  const rest = path.split("/").reverse();
  let folder = "";
  for (let links = 0; rest.length > 0;) {
    const name = rest.pop()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      folder = folder.slice(0, folder.lastIndexOf("/"));
      continue;
    }
    const step = `${folder}/${name}`;
    const { uid, isLink } = look(step, AT_SYMLINK_NOFOLLOW);
    if (!isLink) {
      folder = step;
      continue;
    }
    const target = linkTarget(step);
    if (target === undefined || ++links > LINKS_MAX) {
      throw new UnreadableError("it has too many links, or one that cannot be read");
    }
    if (uid !== ROOT && uid !== effectiveUser() && uid !== look(step, 0).uid) {
      throw new UnreadableError(
        `${step} is a link of user ${uid} to what belongs to another user; ` +
          "name the file that is meant, or let root make the link",
      );
    }
    if (target.startsWith("/")) folder = "";
    rest.push(...target.split("/").reverse());
  }
  return folder || "/";
}

function look(path: string, flags: number): { uid: number; isLink: boolean } {
  // struct statx (linux/stat.h), 256 bytes: u32 stx_uid at 20, u16 stx_mode at 28.
  const view = new DataView(new ArrayBuffer(256));
  const bytes = new Uint8Array(view.buffer);
  const name = cString(path);
  if (symbols().statx(AT_FDCWD, name, flags, STATX_TYPE_UID, bytes) < 0) {
    throw new UnreadableError(unreadableReason(lastErrno()));
  }
  return {
    uid: view.getUint32(20, true),
    isLink: (view.getUint16(28, true) & S_IFMT) === S_IFLNK,
  };
}
