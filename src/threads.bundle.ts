/**
 * Takes the place of `threads.ts` in a bundle, where all files are in one folder.
 *
 * @module
 */

/** Address of the module that a sandbox's process runs. */
export const SANDBOX: string = new URL("./sandbox.js", import.meta.url).href;
/** There are no types to check filters against. */
export const CHECKER: string | undefined = undefined;
/** Address of the module that filter scripts import as `nfscribe`. */
export const LIBRARY: string = new URL("./library.js", import.meta.url).href;
/** Configuration of Deno: unstable features. */
export const DENO_CONFIG = new URL("./deno.json", import.meta.url);
/** There are none. */
export const TYPES_CONFIG: URL | undefined = undefined;
/** Folder of the bundle. */
export const SOURCES = new URL("./", import.meta.url);
/** The same. */
export const MODULES: readonly URL[] = [SOURCES];

/** Returns the address of a thread's module: a file that is named after its path below `src/`. */
export function threadUrl(path: string): URL {
  return new URL(`./${path.replaceAll("/", "-").replace(/\.ts$/, ".js")}`, import.meta.url);
}
