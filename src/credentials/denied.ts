/**
 * Paths that the user whom nfscribe became may not use.
 *
 * @module
 */

import { isDenied } from "../../ffi/files.ts";
import { folderOf, type OwnPath } from "./own_paths.ts";
import type { Credentials } from "./user.ts";

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
  const lines = paths.flatMap((own) => {
    const text = problemOf(own, credentials);
    return text === undefined ? [] : [`${own.why}: ${own.path}: ${text}`];
  });
  if (lines.length === 0) return undefined;
  return [`As user ${credentials.name}, nfscribe cannot open these again:`, ...lines].join("\n");
}

function problemOf({ path, kind }: OwnPath, { owner, name }: Credentials): string | undefined {
  const folder = folderOf(path);
  if (isDenied(folder, ["search"])) return `let ${name} search ${folder} and the folders above it`;
  if (kind === "read") return isDenied(path, ["read"]) ? `let ${name} read it` : undefined;
  if (kind === "folder") {
    return isDenied(path, ["read", "write", "search"])
      ? `run chown -R ${owner} ${quoted(path)}`
      : undefined;
  }
  if (isDenied(path, ["write"])) return `run chown ${owner} ${quoted(path)}`;
  return kind === "rotated" && isDenied(folder, ["write"])
    ? `its next file needs a folder that belongs to ${name}: choose another one`
    : undefined;
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
