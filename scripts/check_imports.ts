/**
 * Checks the import rules of ARCHITECTURE.md on the whole project, with the imports
 * as Deno resolves them.
 *
 * @module
 */

import own from "../deno.json" with { type: "json" };
import { type Module, violations } from "./import_rules.ts";
import { ROOT, sourceFiles } from "./source_files.ts";

/** Names of modules that are checked. */
const MODULE = /^[^.]+\.tsx?$/;

/** Module in the output of `deno info --json`. */
interface ModuleInfo {
  specifier: string;
  dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
}

/** Returns a module's path from the project's folder; undefined for modules of others. */
function pathOf(specifier: string | undefined): string | undefined {
  return specifier?.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : undefined;
}

/** Returns what Deno says of a module and of all that it imports, directly or not. */
async function graphOf(path: string): Promise<ModuleInfo[]> {
  const { stdout, success, stderr } = await new Deno.Command("deno", {
    args: ["info", "--json", new URL(path, ROOT).href],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

async function moduleOf(path: string, { dependencies = [] }: ModuleInfo): Promise<Module> {
  const paths = (kind: "code" | "type") =>
    dependencies.map((dependency) => pathOf(dependency[kind]?.specifier))
      .filter((other) => other !== undefined && /\.tsx?$/.test(other)) as string[];
  return {
    path,
    text: await Deno.readTextFile(new URL(path, ROOT)),
    imports: paths("code"),
    typeImports: paths("type"),
  };
}

const paths = [
  ...Object.values(own.exports).map((path) => path.replace("./", "")),
  "main.ts",
  ...sourceFiles("src/", MODULE),
  ...sourceFiles("ffi/", MODULE),
];
const infos = new Map<string, ModuleInfo>();
for (const path of paths) {
  if (infos.has(path)) continue;
  for (const info of await graphOf(path)) {
    const found = pathOf(info.specifier);
    if (found !== undefined) infos.set(found, info);
  }
}
const modules: Module[] = [];
for (const path of paths) modules.push(await moduleOf(path, infos.get(path)!));
const broken = violations(modules);
for (const line of broken) console.error(line);
console.log(`${modules.length} modules, ${broken.length} broken import rules`);
if (broken.length > 0) Deno.exit(1);
