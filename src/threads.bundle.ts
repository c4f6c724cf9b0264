/** Replaces `threads.ts` in a bundle, where all files are in one folder. */

/** URL of the command line. */
export const MAIN: string = new URL("./nfscribe.js", import.meta.url).href;
/** URL of the module for a sandbox's process. */
export const SANDBOX: string = new URL("./sandbox.js", import.meta.url).href;
/** Undefined: a bundle contains no types. */
export const CHECKER: string | undefined = undefined;
/** URL of the module that filter scripts import as `nfscribe`. */
export const LIBRARY: string = new URL("./library.js", import.meta.url).href;
/** Deno's configuration: unstable features. */
export const DENO_CONFIG = new URL("./deno.json", import.meta.url);
/** Undefined: a bundle contains no types. */
export const TYPES_CONFIG: URL | undefined = undefined;
/** Undefined: the bundle may be anywhere. */
export const PROJECT: URL | undefined = undefined;
/** Folder of the bundle. */
export const SOURCES = new URL("./", import.meta.url);
/** Folders of all modules. */
export const MODULES: readonly URL[] = [SOURCES];

/** Returns the URL of a thread's module: a file named after its path below `src/`. */
export function threadUrl(path: string): URL {
  return new URL(`./${path.replaceAll("/", "-").replace(/\.ts$/, ".js")}`, import.meta.url);
}
