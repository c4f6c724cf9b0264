/**
 * Builds nfscribe as one executable, with Deno and the examples' filters in it.
 *
 *     deno task compile [--output FILE] [--for nfscribe.toml] [--check]
 *
 * `deno compile` puts programs into `denort`, which it fetches from Deno's own site,
 * or takes from DENORT_BIN. Where there is none, everything else is done and checked. An
 * executable is run before it is called done.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { VARIABLES } from "../src/systemd/environment.ts";
import { fromFileUrl } from "../src/text/file_url.ts";
import { VERSION } from "../src/version.ts";
import { type Graph, missedModules } from "./compile_graph.ts";
import { differences, executableRights } from "./compile_rights.ts";
import { readSection } from "./compile_section.ts";
import { THREADS } from "./entries.ts";

const ROOT = new URL("..", import.meta.url);
const SELF = "scripts/compile.ts";

/** Flags of V8, the same as in scripts/nfscribe. */
export const FAST =
  "--v8-flags=--max-inlined-bytecode-size-cumulative=4000,--max-semi-space-size=1";

/** Modules that sandboxes, threads and the check of types load, and examples. */
const INCLUDED = [
  "src/sandbox/entry/main.ts",
  "src/sandbox/library.ts",
  "src/cli/types/main.ts",
  ...THREADS.map((path) => `src/${path}`),
  "examples/filters/",
];

/** Permissions that any configuration may need. nfscribe revokes those that its own does not. */
const RIGHTS = [
  // Memory that processes share takes the whole right.
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-sys=hostname,statfs,uid,gid",
  `--allow-env=${[...VARIABLES, "JOURNAL_STREAM", "NFSCRIBE_POSTGRES_URL", "PG*", "HOME", "PATH"]}`,
];

/** An executable that is everywhere, to embed everything into it and read it back; no denort. */
export const ANY_EXECUTABLE = "/bin/true";

/** Deno's messages where it has no denort. */
const NO_DENORT = /Could not find denort|Setting up base binary/;
/** The message about that. */
const MISSING =
  `Cannot compile: denort ${Deno.version.deno}, which programs are put into, is not here and cannot be fetched.\n` +
  "Name the file with DENORT_BIN=FILE, or put denort-" + Deno.build.target +
  ".zip of Deno's release " +
  `into dl/release/v${Deno.version.deno}/ in DENO_DIR, which deno info prints. Everything else was checked:`;

/** Arguments of the task. */
interface Options {
  check: boolean;
  output?: string;
  for?: string;
  _: (string | number)[];
}

/** Result of a program. */
export interface Result {
  success: boolean;
  stdout: string;
  stderr: string;
}

/** Runs this Deno in the project's folder. */
async function deno(args: readonly string[], env: Record<string, string> = {}): Promise<Result> {
  const options = { args: [...args], env: { ...env, NO_COLOR: "1" }, cwd: ROOT };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Returns the modules that will be in it, and what these are made of. */
async function graphs(): Promise<Graph[]> {
  const filters = [...Deno.readDirSync(new URL("examples/filters/", ROOT))]
    .map(({ name }) => `examples/filters/${name}`);
  const entries = ["main.ts", ...INCLUDED.filter((name) => name.endsWith(".ts")), ...filters];
  return await Promise.all(entries.map(async (entry) => {
    const { success, stdout, stderr } = await deno(["info", "--json", entry]);
    if (!success) throw new Error(`Cannot compile: the modules of ${entry}: ${stderr}`);
    return JSON.parse(stdout) as Graph;
  }));
}

/** Returns the rights that are built in for a configuration; without one, those of any. */
export async function rightsFor(config: string | undefined): Promise<readonly string[]> {
  if (config === undefined) return RIGHTS;
  // From wherever it is started, files are those that the configuration names.
  const file = config.startsWith("/") ? config : `${Deno.cwd()}/${config}`;
  const look = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "main.ts"];
  const { success, stdout, stderr } = await deno([...look, "run", "--flags", "-c", file]);
  if (!success) throw new Error(stderr.trim());
  return executableRights(stdout.trim().split("\n"), fromFileUrl(ROOT.href), VARIABLES);
}

/** Runs `deno compile`; types are checked elsewhere. */
export function compile(
  output: string,
  rights: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const included = INCLUDED.flatMap((name) => ["--include", name.replace(/\/$/, "")]);
  // A code cache would lie in /tmp by a name that everybody knows, for others to write first.
  const options = ["--quiet", "--frozen", "--no-prompt", "--no-check", "--no-code-cache"]
    .concat("--exclude-unused-npm", "--deny-import", FAST);
  return deno(["compile", ...options, ...rights, ...included, "--output", output, "main.ts"], env);
}

/**
 * Makes an executable in a folder of its own and reads what it contains.
 *
 * @param rights Its rights.
 * @param use Takes the executable, if it contains what it must.
 * @param env Further variables of `deno compile`.
 * @returns What is wrong; empty where all is well.
 */
async function build(
  rights: readonly string[],
  use: (file: string) => Promise<string>,
  env?: Record<string, string>,
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "nfscribe-compile-" });
  try {
    const file = `${folder}/nfscribe`;
    const { success, stderr } = await compile(file, rights, env);
    if (!success) return stderr.trim();
    const wrong = differences(readSection(await Deno.readFile(file)), {
      rights,
      v8Flags: FAST.slice(FAST.indexOf("=") + 1).split(","),
      files: ["main.ts", ...INCLUDED],
      root: fromFileUrl(ROOT.href),
    });
    return wrong.length > 0 ? `Wrong in the executable: ${wrong.join("; ")}` : await use(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Embeds everything, and reads it back; what comes out is no program. */
function embedOnly(rights: readonly string[]): Promise<string> {
  return build(rights, () => Promise.resolve(""), { DENORT_BIN: ANY_EXECUTABLE });
}

/** Runs an executable, and puts it where it is wanted if it is nfscribe. */
async function finish(file: string, output: string): Promise<string> {
  const decoder = new TextDecoder();
  let said: string;
  try {
    const { stdout, stderr } = await new Deno.Command(file, { args: ["--version"] }).output();
    said = (decoder.decode(stdout) || decoder.decode(stderr)).trim();
  } catch (error) {
    said = (error as Error).message;
  }
  if (said !== `nfscribe ${VERSION}`) {
    const words = said.split("\n")[0]!.slice(0, 200);
    return `Cannot compile: the executable was made, but --version says "${words}".\n` +
      `DENORT_BIN, or what Deno has fetched, must be denort ${Deno.version.deno}`;
  }
  await Deno.mkdir(output.replace(/[^/]*$/, "") || ".", { recursive: true });
  await Deno.copyFile(file, `${output}.new`);
  await Deno.rename(`${output}.new`, output);
  return "";
}

async function main(): Promise<number> {
  const { check, output = "dist/nfscribe", for: config, ...rest } = parseArgs(Deno.args, {
    boolean: ["check"],
    string: ["output", "for"],
  }) as unknown as Options;
  const odd = [...rest._, ...Object.keys(rest).filter((name) => name !== "_")];
  if (odd.length > 0) {
    console.error(`${SELF}: Cannot use "${odd[0]}"; there are --output, --for and --check`);
    return 2;
  }
  const modules = await graphs();
  const missed = await missedModules(
    modules,
    ROOT.href,
    (url) => Deno.readTextFileSync(new URL(url)),
  );
  if (missed.length > 0) {
    for (const line of missed) console.error(line);
    return 1;
  }
  const rights = await rightsFor(config);
  const wrong = check
    ? await embedOnly(rights)
    : await build(rights, (file) => finish(file, output));
  if (wrong === "") {
    console.log(
      check ? `Ready to compile: ${summary(modules)}` : `${output}: nfscribe in one file`,
    );
    return 0;
  }
  const isMissing = !check && NO_DENORT.test(wrong);
  const otherwise = isMissing ? await embedOnly(rights) : wrong;
  console.error(otherwise === "" ? `${MISSING} ${summary(modules)}` : otherwise);
  return 1;
}

/** Says how much is embedded. */
function summary(modules: readonly Graph[]): string {
  const all = modules.flatMap((graph) => graph.modules);
  const count = (kind: RegExp) =>
    new Set(all.map(({ specifier }) => specifier).filter((url) => kind.test(url))).size;
  return `${count(/^file:/)} modules and ${count(/^npm:/)} of packages are embedded`;
}

if (import.meta.main) {
  Deno.exit(
    await main().catch((error: Error) => {
      console.error(error.message);
      return 1;
    }),
  );
}
