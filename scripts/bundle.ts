/**
 * Writes nfscribe as JavaScript that runs wherever Deno is, with nothing to fetch:
 * the command line, and the entries of a sandbox and of a sender to PostgreSQL.
 *
 *     deno task bundle [FOLDER]
 *
 * @module
 */

import { fromFileUrl } from "../src/text/file_url.ts";
import { VERSION } from "../src/version.ts";
import { THREADS } from "./entries.ts";

/** The project's folder, with `/` at its end. */
const ROOT = fromFileUrl(new URL("..", import.meta.url).href);

/** Modules that are loaded by their own address, each bundled whole, by the name of their file. */
const WHOLE: Readonly<Record<string, string>> = {
  nfscribe: "main.ts",
  ...Object.fromEntries(
    THREADS.map((path) => [path.replaceAll("/", "-").replace(/\.ts$/, ""), `src/${path}`]),
  ),
};
/** Modules that a sandbox loads and must not have twice: its entry, and those that filters import. */
const SHARING: Readonly<Record<string, string>> = {
  sandbox: "src/sandbox/entry/main.ts",
  library: "src/sandbox/library.ts",
};
/** Modules that a bundle has others for: `X.bundle.ts` takes the place of `X.ts`. */
const REPLACED = ["src/threads", "src/standalone"];

/** Settings of both processes: Deno finds them beside the entry. */
const CONFIG = `{ "unstable": ["worker-options"] }\n`;

/** Files that are copied to be bundled. */
const SOURCES = ["deno.json", "deno.lock", "main.ts", "mod.ts", "ffi", "schema", "src", "types"];

/** Bundles the sources into a folder, which is made anew. */
async function bundle(folder: string): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "nfscribe-bundle-" });
  try {
    for (const name of SOURCES) await run("cp", "-R", ROOT + name, work);
    for (const name of REPLACED) {
      await Deno.rename(`${work}/${name}.bundle.ts`, `${work}/${name}.ts`);
    }
    const output = `${work}/output`;
    await bundleEntries(work, WHOLE, output);
    await bundleEntries(work, SHARING, output, "--code-splitting");
    await Deno.writeTextFile(`${output}/deno.json`, CONFIG);
    await loadLibrary(output);
    await run("rm", "-rf", folder);
    await run("mkdir", "-p", folder);
    await run("cp", "-R", `${output}/.`, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function bundleEntries(
  work: string,
  entries: Readonly<Record<string, string>>,
  output: string,
  ...options: readonly string[]
): Promise<void> {
  const files = Object.entries(entries).map(([name, source]) => {
    const file = `${work}/${name}.ts`;
    // A copy where it must know that it is what was started; both have the same folder.
    if (source === "main.ts") Deno.copyFileSync(`${work}/${source}`, file);
    else Deno.writeTextFileSync(file, `export * from "./${source}";\n`);
    return file;
  });
  const fixed = ["bundle", "--quiet", "--platform", "deno", "--outdir", output];
  await run(Deno.execPath(), ...fixed, ...options, ...files);
}

/**
 * Has the sandbox's entry load the library by its own address: only the pieces that both
 * have in common are imported otherwise, and filters could not import it once Deno may
 * read no files.
 */
async function loadLibrary(output: string): Promise<void> {
  const entry = `${output}/sandbox.js`;
  await Deno.writeTextFile(entry, `import "./library.js";\n${await Deno.readTextFile(entry)}`);
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args: [...args], stdout: "null" }).output();
  if (!success) throw new Error(`Cannot bundle: ${program} ${args[0]} failed`);
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? `${ROOT}dist/bundle`;
  await bundle(folder);
  console.log(`nfscribe ${VERSION}: deno run --no-prompt ${folder}/nfscribe.js`);
}
