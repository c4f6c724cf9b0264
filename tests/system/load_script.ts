/**
 * Loads a filter script as a sandbox does, from files on standard input, and prints the result.
 *
 * @module
 */

import { LoadError, loadScript } from "../../src/sandbox/loader.ts";
import "../../src/sandbox/library.ts";

const { script, files }: { script: string; files: Record<string, string> } = JSON.parse(
  await new Response(Deno.stdin.readable).text(),
);
const asked: string[] = [];
let sealed = 0;
let outcome: Record<string, unknown>;
try {
  const module = await loadScript({
    script,
    read: (kind, path) => {
      asked.push(`${kind} ${path}`);
      const text = files[path];
      if (text === undefined) throw new Error("Cannot read it: there is no such file");
      return text;
    },
    seal: () => sealed++,
  });
  const filter = module.default as unknown as () => unknown;
  outcome = { exports: Object.keys(module), result: await call(filter) };
} catch (error) {
  outcome = error instanceof LoadError
    ? { file: error.file, problem: error.message }
    : { thrown: String((error as Error).stack) };
}
console.log(JSON.stringify({ ...outcome, asked, sealed }));

/** Returns the value of a filter, or its failure. */
async function call(filter: () => unknown): Promise<unknown> {
  try {
    return await filter();
  } catch (error) {
    return String((error as Error).stack);
  }
}
