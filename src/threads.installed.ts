/**
 * Replaces `threads.ts` in a bundle that lies beside its sources: filters are checked with the
 * types of those.
 */

export {
  DENO_CONFIG,
  LIBRARY,
  MAIN,
  MODULES,
  SANDBOX,
  SOURCES,
  threadUrl,
} from "./threads.bundle.ts";

/** Folder with the sources: a checkout keeps its bundle in `.deno/`. */
export const PROJECT = new URL(
  /\/\.deno\/bundle\/[^/]*$/.test(import.meta.url) ? "../../" : "../",
  import.meta.url,
);

/** URL of the module for a process that checks types. */
export const CHECKER: string | undefined = new URL("src/cli/types/main.ts", PROJECT).href;
/** Deno's configuration for checking a filter's types. */
export const TYPES_CONFIG: URL | undefined = new URL("types/filter.deno.json", PROJECT);
