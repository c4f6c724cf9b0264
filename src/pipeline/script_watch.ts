/**
 * Notices when a filter script, or a file that it imports, changes.
 *
 * @module
 */

/** How long to wait before a changed file is read: editors write, rename and write again. */
const SETTLE_MS = 200;

/**
 * Calls back after one of a script's files has changed, until the signal is
 * aborted. The files themselves are watched, not their folder: outputs may lie
 * beside them and change all the time.
 *
 * @param files The paths of the files, asked for anew after each change.
 * @param changed Called for each change, or for several that come together.
 * @param signal Ends it.
 */
export async function watchScript(
  files: () => readonly string[],
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let first = true; !signal.aborted; first = false) {
    const watcher = watch([...files()]);
    // Set up before the script is read again: nothing that changes meanwhile is missed.
    if (!first) changed();
    if (watcher !== undefined) await nextChange(watcher, signal);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

/** A watcher; undefined while a file is gone, as it is for a moment when it is replaced. */
function watch(paths: string[]): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs(paths, { recursive: false });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Waits for a change and closes the watcher. */
async function nextChange(watcher: Deno.FsWatcher, signal: AbortSignal): Promise<void> {
  const close = () => watcher.close();
  signal.addEventListener("abort", close, { once: true });
  for await (const { kind } of watcher) if (kind !== "access") break;
  signal.removeEventListener("abort", close);
}
