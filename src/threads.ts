/**
 * Files that nfscribe is made of and loads by their address: the entries of processes and
 * threads, and settings. In a bundle `threads.bundle.ts` takes the place of this module.
 *
 * @module
 */

/** Address of the module that a sandbox's process runs. */
export const SANDBOX: string = new URL("./sandbox/entry/main.ts", import.meta.url).href;
/** Address of the module that a process runs which checks types; undefined where there are no types. */
export const CHECKER: string | undefined = new URL("./cli/types/main.ts", import.meta.url).href;
/** Address of the module that filter scripts import as `nfscribe`. */
export const LIBRARY: string = new URL("./sandbox/library.ts", import.meta.url).href;
/** Configuration of Deno: names of packages, and unstable features. */
export const DENO_CONFIG = new URL("../deno.json", import.meta.url);
/** Configuration of Deno for the check of a filter's types; undefined where there are no types. */
export const TYPES_CONFIG: URL | undefined = new URL(
  "../types/filter.deno.json",
  import.meta.url,
);
/** Folder of the modules that threads load. */
export const SOURCES = new URL("./", import.meta.url);
/** Folders of all of nfscribe's modules. */
export const MODULES: readonly URL[] = [SOURCES, new URL("../ffi/", import.meta.url)];

/**
 * Returns the address of a thread's module.
 *
 * @param path Its path below `src/`, as a source or an output names it.
 */
export function threadUrl(path: string): URL {
  return new URL(`./${path}`, import.meta.url);
}
