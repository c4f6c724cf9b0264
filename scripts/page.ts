/**
 * Bundles the web page into `src/web/document/`, from which `nfscribe web` serves it:
 * `deno task page`. The same sources make the same bytes on every machine.
 *
 * @module
 */

import { fromFileUrl } from "../src/text/file_url.ts";

/** The page's sources. */
const SOURCES = new URL("../src/web/page/", import.meta.url);
/** Folder of the files that are served. */
export const DOCUMENT: URL = new URL("../src/web/document/", import.meta.url);

/** Bundled files, by the entry that each is made of. */
const BUNDLED: Readonly<Record<string, string>> = {
  "page.js": "main.tsx",
  "page.css": "style/main.css",
};

/**
 * Makes the files of the page.
 *
 * @returns Their texts by name.
 * @throws {Error} If a source cannot be bundled.
 */
export async function documentFiles(): Promise<Record<string, string>> {
  const html = await Deno.readTextFile(new URL("index.html", SOURCES));
  const files: Record<string, string> = { "index.html": html.replace(/<!--[^]*?-->\n?/g, "") };
  for (const [name, entry] of Object.entries(BUNDLED)) files[name] = await bundled(entry);
  return files;
}

async function bundled(entry: string): Promise<string> {
  const options = ["--quiet", "--frozen", "--minify", "--platform", "browser"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, fromFileUrl(new URL(entry, SOURCES).href)],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await documentFiles())) {
    await Deno.writeTextFile(new URL(name, DOCUMENT), text);
  }
}
