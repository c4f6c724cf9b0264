/**
 * Notices when a filter script, or a file that it imports, changes.
 *
 * @module
 */

import { fileName } from "../sandbox/graph_names.ts";

/** How long nothing may change before the change counts as whole, in milliseconds. */
const QUIET_MS = 200;

/**
 * Calls back after a script's files have changed, until the signal is aborted.
 *
 * @param folder The script's folder.
 * @param files The addresses of its files, asked for at each change.
 * @param changed Called once things are quiet again.
 * @param signal Ends it.
 * @throws {Deno.errors.NotCapable} If the folder may not be read.
 */
export function watchScript(
  folder: string,
  files: () => readonly string[],
  changed: () => void,
  signal: AbortSignal,
): void {
  const watcher = Deno.watchFs(folder);
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    watcher.close();
  }, { once: true });
  (async () => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      const known = files().map(fileName);
      if (!paths.some((path) => known.includes(path))) continue;
      clearTimeout(timer);
      timer = setTimeout(changed, QUIET_MS);
    }
  })();
}
