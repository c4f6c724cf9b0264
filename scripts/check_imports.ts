/**
 * Checks the import rules of ARCHITECTURE.md on the whole project, as Deno
 * itself resolves the imports.
 *
 * @module
 */

import own from "../deno.json" with { type: "json" };
import { type Module, violations } from "./import_rules.ts";

/** A module in the output of `deno info --json`. */
interface ModuleInfo {
  local?: string;
  dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
}

const root = new URL("..", import.meta.url);

/** A module's path from the project's root; undefined for what is not the project's. */
function pathOf(specifier: string | undefined): string | undefined {
  return specifier?.startsWith(root.href) ? specifier.slice(root.href.length) : undefined;
}

/** The project's TypeScript files below a folder. */
function* files(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* files(`${path}/`);
    else if (/^[^.]+\.ts$/.test(entry.name)) yield path;
  }
}

async function moduleAt(path: string): Promise<Module> {
  const url = new URL(path, root);
  const { stdout, success, stderr } = await new Deno.Command("deno", {
    args: ["info", "--json", url.href],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const graph: { modules: (ModuleInfo & { specifier: string })[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const info = graph.modules.find(({ specifier }) => specifier === url.href);
  const dependencies = info?.dependencies ?? [];
  const paths = (kind: "code" | "type") =>
    dependencies.map((dependency) => pathOf(dependency[kind]?.specifier))
      .filter((other) => other !== undefined && other.endsWith(".ts")) as string[];
  return {
    path,
    text: await Deno.readTextFile(url),
    imports: paths("code"),
    typeImports: paths("type"),
  };
}

const paths = [
  ...Object.values(own.exports).map((path) => path.replace("./", "")),
  "main.ts",
  ...files("src/"),
  ...files("ffi/"),
];
const modules: Module[] = [];
for (const path of paths) modules.push(await moduleAt(path));
const broken = violations(modules);
for (const line of broken) console.error(line);
console.log(`${modules.length} modules, ${broken.length} broken import rules`);
if (broken.length > 0) Deno.exit(1);
