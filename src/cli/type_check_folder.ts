/** Folders in which types are checked. */

import { isGranted, variable } from "../permission.ts";

/** Variable in which scripts/nfscribe names the folder for results of checks. */
export const CACHE = "NFSCRIBE_CACHE";

/** Number of folders that checks use again; beside as many others, one has a folder of its own. */
const FOLDERS_MAX = 16;
/** Age from which such a folder is in no use: a check may take a minute. */
const LEFT_OVER_MS = 3_600_000;

/** Makes a folder that only this user enters; whether that is allowed. */
export function makeFolder(take: (folder: string) => void): boolean {
  const dir = variable(CACHE);
  try {
    take(
      numberedFolder(dir ?? "/tmp") ??
        Deno.makeTempDirSync({ prefix: "types-", ...dir !== undefined && { dir } }),
    );
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

/**
 * Makes the first of a few folders that no other check uses; undefined where it cannot. Deno keeps
 * what it knows of types by a file's place: the next check in the same one takes a third of the
 * time, and each new place leaves 40 kB in Deno's cache for good.
 */
function numberedFolder(dir: string): string | undefined {
  if (!isGranted({ name: "write", value: dir })) return undefined;
  for (let number = 1; number <= FOLDERS_MAX; number++) {
    const folder = `${dir}/nfscribe-types-${number}`;
    try {
      removeLeftOver(folder);
      Deno.mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch {
      // It is in use, or another user's.
    }
  }
  return undefined;
}

/** Removes the folder of a check that was killed. */
function removeLeftOver(folder: string): void {
  let made: number;
  try {
    made = Deno.lstatSync(folder).mtime!.getTime();
  } catch {
    return;
  }
  if (Date.now() - made > LEFT_OVER_MS) Deno.removeSync(folder, { recursive: true });
}
