/**
 * Type errors of a filter script, before it runs: on the same bytes that a sandbox gets,
 * copied to a folder of their own, where nothing else is found that a script names.
 *
 * @module
 */

import { ConfigError, type ConfigProblem } from "../errors.ts";
import { decodedPath, fromFileUrl, toFileUrl } from "../file_url.ts";
import { readText } from "../regular_file.ts";
import { ScriptFiles } from "../pool/script_files.ts";
import { importProblem, NO_DYNAMIC_IMPORT } from "../sandbox/imports.ts";
import { VERSION } from "../version.ts";

/**
 * The settings for users' scripts: they say what "nfscribe" is, and are less
 * particular than those for nfscribe itself; a script need not say any type.
 */
const SETTINGS = fromFileUrl(new URL("../../types/filter.deno.json", import.meta.url).href);

/** How often files are looked for that others import: as deep as imports may be. */
const ROUNDS_MAX = 100;

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

/** Where an import leads, and where it stands: lines from 0. */
interface Resolved {
  specifier?: string;
  span: { start: { line: number; character: number } };
}

/** Whether types can be checked: `deno` may be run, and a folder be made for it. */
export function canTypeCheck(): boolean {
  return denoCommand() !== undefined && makeFolder((folder) => Deno.removeSync(folder));
}

/** The Deno that may be run: this process's own, unless nfscribe was compiled, or one by its name. */
function denoCommand(): string | undefined {
  const own = Deno.execPath();
  return [...own.endsWith("/deno") ? [own] : [], "deno"].find((command) =>
    Deno.permissions.querySync({ name: "run", command }).state === "granted"
  );
}

/** The folder for what need not be done again, as scripts/nfscribe names it; undefined where there is none. */
function cacheFolder(): string | undefined {
  try {
    return Deno.env.get("NFSCRIBE_CACHE");
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Makes a folder that only this user enters; whether that is allowed. */
function makeFolder(take: (folder: string) => void): boolean {
  const dir = cacheFolder();
  try {
    take(Deno.makeTempDirSync({ prefix: "types-", ...dir !== undefined && { dir } }));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
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
  const command = denoCommand();
  if (script === undefined || command === undefined) return;
  const stamp = await Stamp.of(script);
  if (await stamp?.isCurrent() === true) return;
  let folder = "";
  if (!makeFolder((made) => folder = Deno.realPathSync(made))) return;
  try {
    const checker = new Checker(command, script, folder);
    const problems = await checker.findImports();
    if (problems.length === 0) problems.push(...await checker.checkTypes());
    if (problems.length > 0) throw new ConfigError(script, problems);
    await stamp?.write(checker.files);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A note of the files that were right last time: an unchanged script is not checked again. */
class Stamp {
  readonly #script: string;
  readonly #file: string;

  private constructor(script: string, file: string) {
    this.#script = script;
    this.#file = file;
  }

  /** Names the stamp of a script; undefined where there is no folder for it. */
  static async of(script: string): Promise<Stamp | undefined> {
    const folder = cacheFolder();
    if (folder === undefined) return undefined;
    const name = (await digest(new TextEncoder().encode(script))).slice(0, 32);
    return new Stamp(script, `${folder}/types-${name}.json`);
  }

  /** Whether the script's files are those that were checked, by the same nfscribe. */
  async isCurrent(): Promise<boolean> {
    try {
      const { files, digest } = JSON.parse(readText(this.#file).text);
      const read = new ScriptFiles(this.#script);
      for (const [kind, path] of files) read.read(kind, path);
      return digest === await digestOf(read);
    } catch {
      // There is none, or it is damaged: then the script is checked.
      return false;
    }
  }

  /** Notes that these files are right. */
  async write(files: ScriptFiles): Promise<void> {
    const text = JSON.stringify({ files: files.asked, digest: await digestOf(files) });
    try {
      await Deno.writeTextFile(this.#file, text, { mode: 0o600 });
    } catch {
      // Then it is checked again next time.
    }
  }
}

/** A digest of all that decides how a check turns out. */
async function digestOf(files: ScriptFiles): Promise<string> {
  const parts = [VERSION, Deno.version.deno, Deno.version.typescript];
  for (const [kind, path] of files.asked) {
    const read = files.read(kind, path);
    parts.push(kind, path, "problem" in read ? read.problem : await digest(read.bytes));
  }
  return await digest(new TextEncoder().encode(JSON.stringify(parts)));
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
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
      imports: { nfscribe: "./nfscribe.d.ts" },
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

  /** The type errors of the copies. */
  async checkTypes(): Promise<ConfigProblem[]> {
    const { success, stderr } = await this.#deno(
      ...["check", "--quiet", "--cached-only", "--no-lock", `--config=${SETTINGS}`],
      toFileUrl(this.#pathOf(this.#entry)),
    );
    if (success) return [];
    const problems = stderr.split(/\n\n+/).map((part) => part.trim())
      .filter((part) => /^(TS\d+|error:)/.test(part))
      .filter((part) => !/Type checking failed|Found \d+ errors/.test(part))
      .map((part) => this.#ownWords(part.replace(/^error: /, "")));
    if (problems.length === 0) {
      problems.push(this.#ownWords(stderr.trim()) || "deno check ended without a word");
    }
    return problems.map((message) => ({ key: "", message }));
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
      if (address === library) continue;
      const why = isDynamic === true
        ? NO_DYNAMIC_IMPORT
        : importProblem(specifier, address, this.#copies, assertionType);
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
      return { key: "", message: `${fromFileUrl(this.#own)}${path}: ${read.problem}` };
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
    const { success, stdout, stderr } = await new Deno.Command(this.#command, {
      args: [...args],
      cwd: this.#folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }
}
