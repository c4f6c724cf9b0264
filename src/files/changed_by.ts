/** Users besides root who may change a file. Pure. */

const ROOT = 0;

/** Returns why others than root may change a file or folder; undefined if they may not. */
export function changedBy({ uid, gid, mode, isSymlink }: Deno.FileInfo): string | undefined {
  if (uid !== ROOT) return `user ${uid} owns it`;
  if (isSymlink || mode === null) return undefined;
  if ((mode & 0o002) !== 0) return "everybody may write to it";
  return (mode & 0o020) !== 0 && gid !== ROOT ? `group ${gid} may write to it` : undefined;
}
