/**
 * Modules that programs, processes and threads begin with. `scripts/prepare` fetches the
 * packages of these, and runs this to know them:
 *
 *     deno run scripts/entries.ts
 *
 * @module
 */

import own from "../deno.json" with { type: "json" };
import { outputs } from "../src/output/outputs.ts";
import { STORE_THREAD } from "../src/web/store/thread_reader.ts";

/** Modules that programs import, and the command line. */
const PUBLIC: readonly string[] = Object.values(own.exports)
  .map((path) => path.replace("./", ""));

/** Modules that outputs and the web page run as threads, below `src/`. */
export const THREADS: readonly string[] = [
  ...Object.values(outputs).flatMap(({ threads }) => threads),
  STORE_THREAD,
];

/** All of them, from the project's root. */
const ENTRIES = [
  ...PUBLIC,
  "src/sandbox/entry/main.ts",
  ...THREADS.map((path) => `src/${path}`),
  "src/cli/types/main.ts",
];

if (import.meta.main) console.log(ENTRIES.join("\n"));
