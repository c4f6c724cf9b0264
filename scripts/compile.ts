/**
 * Builds nfscribe as one executable, with Deno and the examples' filters in it.
 *
 *     deno task compile [--output FILE] [--for nfscribe.toml] [--check]
 *
 * `deno compile` puts programs into `denort`, which it fetches from Deno's own site,
 * or takes from DENORT_BIN. Where there is none, everything else is done and checked.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { THREADS } from "./entries.ts";
import { type Graph, missedModules } from "./compile_graph.ts";

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
  "examples/filters",
];

/** Permissions that any configuration may need. nfscribe revokes those that its own does not. */
const RIGHTS = [
  // Memory that processes share takes the whole right.
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-sys=hostname,statfs,uid,gid",
  "--allow-env=NOTIFY_SOCKET,WATCHDOG_USEC,WATCHDOG_PID,LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES," +
  "FDSTORE,JOURNAL_STREAM,NFSCRIBE_POSTGRES_URL,PG*,HOME,PATH",
];

/** Deno's message where it has no denort. */
const NO_DENORT = /denort|Setting up base binary/;

/** Arguments of the task. */
interface Options {
  check: boolean;
  output?: string;
  for?: string;
  _: (string | number)[];
}

/** Result of a program. */
interface Result {
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

/** Returns the rights that are built in. */
async function rightsFor(config: string | undefined): Promise<readonly string[]> {
  if (config === undefined) return RIGHTS;
  const look = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "main.ts"];
  const { success, stdout, stderr } = await deno([...look, "run", "--flags", "-c", config]);
  if (!success) throw new Error(stderr.trim());
  return stdout.trim().split("\n");
}

/** Runs `deno compile`. */
function compile(
  output: string,
  rights: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const included = INCLUDED.flatMap((name) => ["--include", name]);
  const options = ["--quiet", "--frozen", "--no-prompt", "--exclude-unused-npm", FAST];
  return deno(["compile", ...options, ...rights, ...included, "--output", output, "main.ts"], env);
}

/** Embeds everything into Deno itself in the place of denort; what comes out is no program. */
async function embedOnly(rights: readonly string[]): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "nfscribe-compile-" });
  try {
    return await compile(`${folder}/nfscribe`, rights, { DENORT_BIN: Deno.execPath() });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
  const outcome = check ? await embedOnly(rights) : await compile(output, rights);
  if (outcome.success && !check) {
    console.log(`${output}: nfscribe in one file`);
    return 0;
  }
  if (!check && NO_DENORT.test(outcome.stderr)) {
    const embedded = await embedOnly(rights);
    if (embedded.success) {
      console.error(
        `Cannot compile: denort ${Deno.version.deno}, which programs are put into, is not here and cannot be fetched.\n` +
          "Name one with DENORT_BIN=FILE, or put it beside deno. Everything else was checked: " +
          summary(modules),
      );
      return 1;
    }
    outcome.stderr = embedded.stderr;
  }
  if (outcome.success) console.log(`Ready to compile: ${summary(modules)}`);
  else console.error(outcome.stderr.trim());
  return outcome.success ? 0 : 1;
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
