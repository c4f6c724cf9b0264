/**
 * Writes the page of the API anew: `deno task api`.
 *
 * @module
 */

import type { Doc } from "./api/doc.ts";
import { apiPage } from "./api/page.ts";

const ROOT = new URL("../", import.meta.url);

/** Where the page stands. */
export const PAGE: URL = new URL("docs/api.md", ROOT);

/**
 * The page as it should be.
 *
 * @throws {Error} If Deno cannot read the modules' comments, or a name has no topic.
 */
export async function currentPage(): Promise<string> {
  const doc: Doc = JSON.parse(await deno(["doc", "--json", "mod.ts", "testing.ts"]));
  return await deno(["fmt", "--ext=md", "-"], apiPage(doc, ROOT.href));
}

/** Runs this Deno in the project's folder; what it prints. */
async function deno(args: string[], input = ""): Promise<string> {
  const options = { args, cwd: ROOT, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  await using child = new Deno.Command("deno", options).spawn();
  const output = child.output();
  await new Blob([input]).stream().pipeTo(child.stdin);
  const { success, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  if (!success) throw new Error(`deno ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(PAGE, await currentPage());
