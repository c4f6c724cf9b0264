/**
 * Writes nfscribe as JavaScript that runs wherever Deno is, with nothing to fetch: the command
 * line, and the entries of sandboxes and threads.
 *
 *     deno task bundle [--installed] [FOLDER]
 *
 * With `--installed` it is one for `scripts/nfscribe`, which lies beside the sources and their
 * packages: it starts in half the time of these, and checks the types of filters. Packages that
 * few commands load are not in what each of them reads at its start.
 *
 * @module
 */

import own from "../deno.json" with { type: "json" };
import { fromFileUrl } from "../src/text/file_url.ts";
import { commandNames } from "../src/cli/commands.ts";
import { VERSION } from "../src/version.ts";
import { withOwnConstants } from "./bundle_constants.ts";
import { THREADS } from "./entries.ts";

/** The project's folder, with `/` at its end. */
const ROOT = fromFileUrl(new URL("..", import.meta.url).href);

/** Name of the command line's file. */
const PROGRAM = "nfscribe";
/** Modules that are loaded by their own address, each bundled whole, by the name of their file. */
const WHOLE: Readonly<Record<string, string>> = Object.fromEntries(
  THREADS.map((path) => [path.replaceAll("/", "-").replace(/\.ts$/, ""), `src/${path}`]),
);
/** Modules that a sandbox loads and must not have twice: its entry, and those that filters import. */
const SHARING: Readonly<Record<string, string>> = {
  sandbox: "src/sandbox/entry/main.ts",
  library: "src/sandbox/library.ts",
};
/** Modules that each bundle has others for. */
const REPLACED: Readonly<Record<string, string>> = {
  "src/threads.ts": "src/threads.bundle.ts",
  "src/standalone.ts": "src/standalone.bundle.ts",
};
/** Those of an installed nfscribe's bundle. */
const INSTALLED: Readonly<Record<string, string>> = {
  "src/threads.ts": "src/threads.installed.ts",
};
/** Packages, by the name that modules import. */
const PACKAGES = Object.entries(own.imports).filter(([, address]) => address.startsWith("npm:"));
/** Packages that all commands load; an installed nfscribe has the others beside its bundle. */
const EVERYDAY = /^(valibot$|@std\/)/;
/**
 * Files of commands that load none of {@linkcode TOOLS}, and start sooner without: Deno reads all
 * that a module may load, executed or not. `run --web` needs them, and is started by the file of all
 * commands.
 */
const LEAN: readonly string[] = ["run", "replay", "test", "check", "stats", "watch"]
  .map((command) => `${PROGRAM}-${command}`);
/** Modules that definitions of sources and outputs, and `run`, have for other commands. */
const TOOLS = [
  ...["./examine.ts", "../file/examine.ts", "../remote/examine.ts"],
  ...["./import.ts", "./database.ts", "./fleet.ts", "./web_page.ts"],
];
/** A file that the bundler has named after its purpose and a hash. */
const HASHED = /"\.\/(([\w.]+)-[0-9A-Z]{8}\.js)"/g;
/** The place of a package's file on this machine, in a comment or a name. */
const CACHED = /(^ *\/\/ |")\.\.\/\S*?\/npm\/(?=[^/\s]+\/)/gm;
/** Settings of both processes: Deno finds them beside the entry. */
const CONFIG = { unstable: own.unstable, nodeModulesDir: own.nodeModulesDir };

/** Files that are copied to be bundled. */
const SOURCES = ["deno.json", "deno.lock", "main.ts", "mod.ts", "ffi", "schema", "src", "types"];

/** Bundles the sources into a folder, which is made anew. */
async function bundle(folder: string, isInstalled: boolean): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "nfscribe-bundle-" });
  try {
    for (const name of SOURCES) await run("cp", "-R", ROOT + name, work);
    const replaced = isInstalled ? { ...REPLACED, ...INSTALLED } : REPLACED;
    for (const [name, other] of Object.entries(replaced)) {
      await Deno.copyFile(`${work}/${other}`, `${work}/${name}`);
    }
    const output = `${work}/output`;
    const beside = isInstalled ? PACKAGES.filter(([name]) => !EVERYDAY.test(name)) : [];
    const external = beside.map(([name]) => externally(name));
    const commands = isInstalled ? await writeCommands(work) : { [PROGRAM]: "main.ts" };
    const options = ["--code-splitting", ...external];
    const whole = Object.entries(commands).filter(([name]) => !LEAN.includes(name));
    await bundleEntries(work, Object.fromEntries(whole), output, ...options);
    if (isInstalled) {
      const lean = Object.fromEntries(LEAN.map((name) => [name, commands[name]!]));
      await bundleEntries(work, lean, output, ...options, ...TOOLS.map(externally));
    }
    const imported = await importedBy(output);
    await bundleEntries(work, WHOLE, output);
    await bundleEntries(work, SHARING, output, "--code-splitting");
    const imports = Object.fromEntries(beside.filter(([name]) => imported.has(name)));
    const config = { ...CONFIG, ...isInstalled && { imports, lock: own.lock } };
    await Deno.writeTextFile(`${output}/deno.json`, `${JSON.stringify(config)}\n`);
    if (isInstalled) await lock(output);
    await loadLibrary(output);
    await nameByOrder(output, Object.keys({ ...commands, ...WHOLE, ...SHARING }));
    await copyConstants(output);
    await run("rm", "-rf", folder);
    await run("mkdir", "-p", folder);
    await run("cp", "-R", `${output}/.`, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/**
 * Writes a command line for each command besides the one for all: Deno reads all that it may
 * load, executed or not.
 */
async function writeCommands(work: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = { [PROGRAM]: "main.ts" };
  await Deno.mkdir(`${work}/alone`);
  for (const name of commandNames) {
    const { [`${name}Command`]: command } = await import(`../src/cli/${name}/command.ts`);
    // One that is made with the others needs them.
    if (typeof command === "function") continue;
    const entry = `${PROGRAM}-${name}`;
    await Deno.writeTextFile(
      `${work}/alone/${entry}.ts`,
      // Deno takes half as long again for modules that are loaded once the first ones are executed.
      `import "../src/cli/${name}/${name}.ts";
import metadata from "../deno.json" with { type: "json" };
import { alone } from "../src/cli/command_line.ts";
import { ${name}Command } from "../src/cli/${name}/command.ts";
import { main } from "../src/cli/main.ts";

const commands = alone(${name}Command, ${JSON.stringify(commandNames)});
Deno.exit(await main(Deno.args, metadata.version, commands));
`,
    );
    entries[entry] = `alone/${entry}.ts`;
  }
  return entries;
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
  // Short names would take fewer bytes, but with them the bundler (esbuild 0.25.5) drops a `using`
  // whose name is used once: what it holds is then never closed.
  const fixed = ["bundle", "--quiet", "--platform", "deno", "--outdir", output];
  await Deno.mkdir(output, { recursive: true });
  // Paths in comments are relative to the current folder.
  const args = [...fixed, ...options, ...files];
  await must(new Deno.Command(Deno.execPath(), { args, cwd: output, stdout: "null" }), "bundle");
}

/** Returns the bundler's option for a module that stays where it is. */
function externally(specifier: string): string {
  return `--external=${specifier}`;
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

/**
 * Names the further files in the order in which they are found from the entries, and packages
 * without their place on this machine: the same sources are to make the same files.
 */
async function nameByOrder(folder: string, entries: readonly string[]): Promise<void> {
  const names = new Map(entries.map((name) => [`${name}.js`, `${name}.js`]));
  const texts = new Map<string, string>();
  const counts = new Map<string, number>();
  // A map passes on what is added while it is walked.
  for (const name of names.keys()) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    texts.set(name, text);
    for (const [, found, stem] of text.matchAll(HASHED)) {
      if (names.has(found!)) continue;
      const count = (counts.get(stem!) ?? 0) + 1;
      counts.set(stem!, count);
      names.set(found!, `${stem}-${count}.js`);
    }
  }
  for (const [name, text] of texts) {
    await Deno.remove(`${folder}/${name}`);
    const renamed = text.replaceAll(HASHED, (_, found) => `"./${names.get(found)!}"`)
      .replaceAll(CACHED, "$1npm/");
    await Deno.writeTextFile(`${folder}/${names.get(name)!}`, renamed);
  }
}

/** Copies constants into the files of a folder that use them, for speed. */
async function copyConstants(folder: string): Promise<void> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const files = new Map(
    names.filter((name) => name.endsWith(".js"))
      .map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]),
  );
  for (const [name, text] of withOwnConstants(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

/** Returns what a folder's modules import by name. */
async function importedBy(folder: string): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, imported] of text.matchAll(/\bfrom ?"([^"./][^"]*)"/g)) names.add(imported!);
  }
  return names;
}

/** Writes the lock file of a folder's packages. */
async function lock(folder: string): Promise<void> {
  const args = ["install", "--quiet", "--frozen=false", "--lockfile-only"];
  await must(new Deno.Command(Deno.execPath(), { args, cwd: folder, stdout: "null" }), "install");
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  await must(new Deno.Command(program, { args: [...args], stdout: "null" }), args[0]!);
}

async function must(command: Deno.Command, name: string): Promise<void> {
  const { success } = await command.output();
  if (!success) throw new Error(`Cannot bundle: ${name} failed`);
}

if (import.meta.main) {
  const isInstalled = Deno.args.includes("--installed");
  const folder = Deno.args.find((arg) => !arg.startsWith("--")) ?? `${ROOT}dist/bundle`;
  await bundle(folder, isInstalled);
  console.log(`nfscribe ${VERSION}: deno run --no-prompt ${folder}/nfscribe.js`);
}
