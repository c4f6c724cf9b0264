/**
 * Type errors of a filter script, before it runs: on the same bytes that a sandbox gets,
 * copied to a folder of their own, where nothing else is found that a script names.
 */

import { ConfigError, type ConfigProblem } from "../errors.ts";
import { decodedPath, fromFileUrl, toFileUrl } from "../text/file_url.ts";
import { ScriptFiles } from "../daemon/pool/script_files.ts";
import { importProblem, NO_DYNAMIC_IMPORT } from "../sandbox/imports.ts";
import { CHECK_MS, checkTypesInProcess, HEAP_MB, tooSlow } from "../daemon/pool/type_check.ts";
import { libcNeed } from "../source/libc_need.ts";
import { TYPES_CONFIG } from "../threads.ts";
import { isGranted } from "../permission.ts";
import { makeFolder } from "./type_check_folder.ts";
import { Stamp } from "./type_check_stamp.ts";

/** Rounds of looking for imported files: the greatest depth of imports. */
const ROUNDS_MAX = 100;
/** Words of V8 where its heap is full. */
const MEMORY_OUT = /^(#|<--- Last few GCs|Fatal ).*out of memory|heap out of memory/m;
/** Attempts of a check, which begins anew if files have changed. */
const ATTEMPTS = 5;

/** A module in the output of `deno info --json`. */
interface ModuleInfo {
  specifier: string;
  error?: string;
  dependencies?: Dependency[];
}

/** An import: where its code and its types are. */
interface Dependency {
  specifier: string;
  code?: Resolved;
  type?: Resolved;
  isDynamic?: boolean;
  assertionType?: string;
}

/** Target and position of an import: lines from 0. */
interface Resolved {
  specifier?: string;
  span: { start: { line: number; character: number } };
}

/** Returns whether types can be checked: `deno` may be run, and a folder be made for it. */
export function canTypeCheck(): boolean {
  return denoCommand() !== undefined && makeFolder((folder) => Deno.removeSync(folder));
}

/**
 * Returns the Deno that may be run: this process's own, unless nfscribe was compiled, or
 * one by its name.
 */
function denoCommand(): string | undefined {
  if (TYPES_CONFIG === undefined) return undefined;
  const own = Deno.execPath();
  return [...own.endsWith("/deno") ? [own] : [], "deno"].find((value) =>
    isGranted({ name: "run", value })
  );
}

/** Findings of a check of types. */
export interface TypeReport {
  /** The files that were checked. */
  files: ScriptFiles;
  /** Type errors, and imports that are refused, with their place. */
  problems: ConfigProblem[];
  /** Reason why types could not be checked; undefined if they were. */
  failure: string | undefined;
}

/**
 * Checks the types of a script, where `--allow-run` lets `deno check` run and
 * `--allow-write` lets it have a folder for temporary files. Fetches nothing.
 *
 * @param script The script's path; undefined without one.
 * @throws {ConfigError} If there are type errors, or imports that are refused; it names
 * all of them with their place.
 */
export async function typeCheck(script: string | undefined): Promise<void> {
  const report = script === undefined ? undefined : await boundedCheck(script);
  if (report === undefined) return;
  const { problems, failure } = report;
  if (failure !== undefined) {
    problems.push({ key: "", message: `its types could not be checked: ${failure}` });
  }
  if (problems.length > 0) throw new ConfigError(script!, problems);
}

/**
 * Checks types in a process that ends with this one, where there are the rights to start it: types
 * may take for ever to evaluate.
 */
async function boundedCheck(script: string): Promise<Omit<TypeReport, "files"> | undefined> {
  const stamp = await Stamp.of(script);
  if (await stamp?.current() !== undefined) return undefined;
  const mayStart = isGranted(libcNeed("a process that checks types"));
  if (!mayStart || !canTypeCheck()) return await checkTypes(script);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const check = await checkTypesInProcess(script, new AbortController().signal);
    if (check === "changed") continue;
    if ("failure" in check) return { problems: [], failure: check.failure };
    return { problems: [...check.problems], failure: undefined };
  }
  return { problems: [], failure: "its files change all the time" };
}

/**
 * Checks the types of a script.
 *
 * @param script The script's path.
 * @returns What it has found; undefined where rights for it are missing.
 */
export async function checkTypes(script: string): Promise<TypeReport | undefined> {
  const command = denoCommand();
  if (command === undefined) return undefined;
  const stamp = await Stamp.of(script);
  const known = await stamp?.current();
  if (known !== undefined) return { files: known, problems: [], failure: undefined };
  let folder = "";
  if (!makeFolder((made) => folder = Deno.realPathSync(made))) return undefined;
  try {
    const checker = new Checker(command, script, folder);
    const { files } = checker;
    const refused = await checker.findImports();
    if (refused.length > 0) return { files, problems: refused, failure: undefined };
    const { problems, failure } = await checker.checkTypes();
    if (problems.length === 0 && failure === undefined) await stamp?.write(files);
    return { files, problems, failure };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** One check, in a folder of its own. */
class Checker {
  readonly #command: string;
  readonly #script: string;
  /** Address of the folder with the script, and of the one with the copies; with `/` at the end. */
  readonly #own: string;
  readonly #copies: string;
  readonly #folder: string;
  readonly #entry: string;
  /** The files that it has read. */
  readonly files: ScriptFiles;
  readonly #copied = new Set<string>();

  constructor(command: string, script: string, folder: string) {
    this.#command = command;
    this.#script = script;
    this.#folder = folder;
    const end = script.lastIndexOf("/") + 1;
    this.#entry = script.slice(end);
    this.#own = toFileUrl(script.slice(0, end));
    this.#copies = `${toFileUrl(folder)}/filter/`;
    this.files = new ScriptFiles(script);
  }

  /** Copies the script and all that it imports; returns imports that are refused, or cannot be read. */
  async findImports(): Promise<ConfigProblem[]> {
    const settings = {
      imports: { nfscribe: "./nfscribe.d.ts", "nfscribe/packet": "./nfscribe.d.ts" },
      lock: false,
      nodeModulesDir: "none",
    };
    await Deno.writeTextFile(`${this.#folder}/deno.json`, JSON.stringify(settings));
    await Deno.writeTextFile(`${this.#folder}/nfscribe.d.ts`, "export {};\n");
    const missing = await this.#copy(this.#entry, undefined);
    if (missing !== undefined) return [missing];
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { problems, wanted } = await this.#look();
      if (problems.length > 0 || wanted.size === 0) return problems;
      for (const [path, type] of wanted) {
        const problem = await this.#copy(path, type);
        if (problem !== undefined) return [problem];
      }
    }
    return [];
  }

  /** Finds the type errors of the copies, or why they cannot be found. */
  async checkTypes(): Promise<Pick<TypeReport, "problems" | "failure">> {
    // Deno keeps what it knows by the name of the first module: the same for all scripts.
    const first = `${this.#folder}/check.ts`;
    const script = toFileUrl(this.#pathOf(this.#entry));
    await Deno.writeTextFile(first, `import ${JSON.stringify(script)};\n`);
    const { success, stderr } = await this.#deno(
      ...["check", "--quiet", "--cached-only", "--no-lock"],
      `--config=${fromFileUrl(TYPES_CONFIG!.href)}`,
      first,
    );
    if (success) return { problems: [], failure: undefined };
    const problems = stderr.split(/\n\n+/).map((part) => part.trim())
      .filter((part) => /^TS\d+/.test(part))
      .map((part) => ({ key: "", message: this.#ownWords(part) }));
    if (problems.length > 0) return { problems, failure: undefined };
    const said = this.#ownWords(stderr.trim()).replace(/^error: /, "");
    return { problems, failure: said || "deno check ended without a word" };
  }

  /** Looks at what the copies import. */
  async #look(): Promise<{ problems: ConfigProblem[]; wanted: Map<string, string | undefined> }> {
    const { success, stdout, stderr } = await this.#deno(
      ...["info", "--json", "--no-remote", "--no-npm", `--config=${this.#folder}/deno.json`],
      toFileUrl(this.#pathOf(this.#entry)),
    );
    if (!success) {
      return { problems: [{ key: "", message: this.#ownWords(stderr.trim()) }], wanted: new Map() };
    }
    const { modules }: { modules: ModuleInfo[] } = JSON.parse(stdout);
    const wanted = new Map<string, string | undefined>();
    const problems = modules.filter(({ specifier }) => specifier.startsWith(this.#copies))
      .flatMap(({ specifier, error, dependencies = [] }) => {
        const path = decodedPath(specifier.slice(this.#copies.length));
        if (error !== undefined && this.#copied.has(path)) {
          return [{ key: "", message: this.#ownWords(`cannot be parsed: ${error}`) }];
        }
        return dependencies.flatMap((dependency) => {
          const resolved = [dependency.code, dependency.type].filter((one) => one !== undefined);
          for (const { specifier: address = "" } of resolved) {
            if (!address.startsWith(this.#copies)) continue;
            const found = decodedPath(address.slice(this.#copies.length));
            if (!this.#copied.has(found)) wanted.set(found, dependency.assertionType);
          }
          return this.#problemOf(path, dependency);
        });
      });
    return { problems, wanted };
  }

  /** Finds the problem of an import, if any. */
  #problemOf(
    file: string,
    { specifier, code, type, isDynamic, assertionType }: Dependency,
  ): ConfigProblem[] {
    const library = `${toFileUrl(this.#folder)}/nfscribe.d.ts`;
    const resolved = [code, type].filter((one) => one !== undefined);
    for (const { specifier: address, span: { start } } of resolved) {
      if (address === library && assertionType === undefined) continue;
      // Types may be elsewhere than the code, as a comment says.
      const named = address === undefined || address.startsWith("file:") ? specifier : address;
      const why = isDynamic === true
        ? NO_DYNAMIC_IMPORT
        : importProblem(named, address, this.#copies, assertionType);
      if (why === undefined) continue;
      const place = `${fromFileUrl(this.#own)}${file}:${start.line + 1}:${start.character + 1}`;
      return [{ key: "", message: `${why}\n    at ${place}` }];
    }
    return [];
  }

  /** Copies a file of the script; what is wrong where it cannot be read. */
  async #copy(path: string, type: string | undefined): Promise<ConfigProblem | undefined> {
    const read = this.files.read(type ?? "module", path);
    if ("problem" in read) {
      // The script itself is named by the error as a whole.
      const place = path === this.#entry ? "" : `${fromFileUrl(this.#own)}${path}: `;
      return { key: "", message: place + read.problem };
    }
    this.#copied.add(path);
    const copy = this.#pathOf(path);
    await Deno.mkdir(copy.slice(0, copy.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(copy, read.bytes);
    return undefined;
  }

  #pathOf(path: string): string {
    return `${this.#folder}/filter/${path}`;
  }

  /** Rewrites Deno's messages about the copies as ones about the files themselves; lines of other files are left out. */
  #ownWords(text: string): string {
    const isOther = text.includes("file:///") && !text.includes(this.#copies);
    const words = isOther
      ? text.split("\n").filter((line) => !/^\s*(\d+ )?\|/.test(line)).slice(0, 1).join("\n")
      : text;
    return words.replaceAll(this.#copies, fromFileUrl(this.#own)).replaceAll("file://", "");
  }

  async #deno(
    ...args: readonly string[]
  ): Promise<{ success: boolean; stdout: string; stderr: string }> {
    const signal = AbortSignal.timeout(CHECK_MS);
    const output = await new Deno.Command(this.#command, {
      args: [...args],
      cwd: this.#folder,
      env: { NO_COLOR: "1", DENO_V8_FLAGS: `--max-old-space-size=${HEAP_MB}` },
      stdin: "null",
      signal,
    }).output();
    const decoder = new TextDecoder();
    const [stdout, stderr] = [decoder.decode(output.stdout), decoder.decode(output.stderr)];
    if (signal.aborted) return { success: false, stdout, stderr: tooSlow(CHECK_MS) };
    if (!MEMORY_OUT.test(stderr)) return { success: output.success, stdout, stderr };
    return {
      success: false,
      stdout,
      stderr: `that takes more than ${HEAP_MB} MB of memory; make them simpler`,
    };
  }
}
