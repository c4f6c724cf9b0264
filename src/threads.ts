/**
 * Files of nfscribe that are loaded by URL: entries of processes and threads, and settings. A
 * bundle contains `threads.bundle.ts` instead.
 */

/** URL of the command line. */
export const MAIN: string = new URL("../main.ts", import.meta.url).href;
/** URL of the module for a sandbox's process. */
export const SANDBOX: string = new URL("./sandbox/entry/main.ts", import.meta.url).href;
/** URL of the module for a process that checks types; undefined if there are no types. */
export const CHECKER: string | undefined = new URL("./cli/types/main.ts", import.meta.url).href;
/** URL of the module that filter scripts import as `nfscribe`. */
export const LIBRARY: string = new URL("./sandbox/library.ts", import.meta.url).href;
/** Deno's configuration: import map and unstable features. */
export const DENO_CONFIG = new URL("../deno.json", import.meta.url);
/** Deno's configuration for checking a filter's types; undefined if there are no types. */
export const TYPES_CONFIG: URL | undefined = new URL(
  "../types/filter.deno.json",
  import.meta.url,
);
/** Folder with all of nfscribe's sources; undefined where they are not there. */
export const PROJECT: URL | undefined = new URL("../", import.meta.url);
/** Folder of modules for threads. */
export const SOURCES = new URL("./", import.meta.url);
/** Folders of all modules. */
export const MODULES: readonly URL[] = [SOURCES, new URL("../ffi/", import.meta.url)];

/**
 * Returns the URL of a thread's module.
 *
 * @param path Path below `src/`.
 */
export function threadUrl(path: string): URL {
  return new URL(`./${path}`, import.meta.url);
}
