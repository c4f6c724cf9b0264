/**
 * Lists the source files that no test imports, the longest first: a test that imports a file
 * can look at it alone. Prints how many there are of how many.
 *
 * @module
 */

const root = new URL("..", import.meta.url);

/** Returns the TypeScript files below a folder. */
function* files(folder: string): Generator<URL> {
  for (const entry of Deno.readDirSync(new URL(folder, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* files(`${path}/`);
    else if (path.endsWith(".ts")) yield new URL(path, root);
  }
}

const imported = new Set<string>();
for (const test of files("tests/")) {
  const text = Deno.readTextFileSync(test);
  for (const [, specifier] of text.matchAll(/(?:from|import\(|import) "(\.[^"]+)"/g)) {
    imported.add(new URL(specifier!, test).href);
  }
}
const sources = [...files("src/"), ...files("ffi/")];
const untested = sources.filter(({ href }) => !imported.has(href))
  .map((url) => ({
    path: url.href.slice(root.href.length),
    lines: Deno.readTextFileSync(url).split("\n").length - 1,
  }))
  .sort((one, other) => other.lines - one.lines);
for (const { path, lines } of untested) console.log(`${String(lines).padStart(5)} ${path}`);
console.log(`${untested.length} of ${sources.length} source files are imported by no test`);
