/**
 * The modules that a filter script is made of, found before any of them runs.
 *
 * @module
 */

import { init, parse } from "es-module-lexer";
import { stripTypeScriptTypes } from "node:module";
import { fileName } from "./file_name.ts";

/** The module name that a script may import beside its own files. */
const LIBRARY = "nfscribe";

/** What is wrong with a script, and where. */
export interface ScriptProblem {
  /** The file. */
  file: string;
  /** What is wrong and what to do; may have several lines. */
  message: string;
}

/**
 * Finds the files of a script and refuses what a filter cannot import: Deno
 * gives a Worker's static imports the rights of the thread that makes it, and
 * Node's modules reach every open file of the process without any right.
 *
 * @param script The script's address.
 * @param read Reads a file's text.
 * @returns Addresses of the script and of all files that it imports.
 * @throws {ScriptError} If something cannot be read, understood or imported.
 */
export async function moduleGraph(
  script: string,
  read: (url: URL) => Promise<string>,
): Promise<string[]> {
  await init;
  const folder = new URL(".", script).href;
  const found = new Set<string>([script]);
  for (const url of found) {
    const source = await read(new URL(url)).catch((error) => {
      throw new ScriptError({ file: fileName(url), message: readReason(error) });
    });
    for (const specifier of specifiersOf(url, source)) {
      if (specifier === LIBRARY) continue;
      const next = resolve(url, specifier, folder);
      if (/\.[cm]?[jt]s$/.test(new URL(next).pathname)) found.add(next);
    }
  }
  return [...found];
}

/** A script that cannot be used. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  /** Where and what. */
  readonly problem: ScriptProblem;

  /** Makes the error. */
  constructor(problem: ScriptProblem) {
    super(`${problem.file}: ${problem.message}`);
    this.problem = problem;
  }
}

function readReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "Cannot read it: there is no such file";
  return `Cannot read it: ${error instanceof Error ? error.message : String(error)}`;
}

function specifiersOf(url: string, source: string): string[] {
  const file = fileName(url);
  let imports;
  try {
    // The same parser that Deno itself uses takes the types off.
    const script = /\.[cm]?ts$/.test(file)
      ? stripTypeScriptTypes(source, { mode: "transform" })
      : source;
    [imports] = parse(script);
  } catch (error) {
    throw new ScriptError({ file, message: `cannot be parsed: ${reason(error, file)}` });
  }
  return imports.flatMap(({ type, specifier }) => {
    if (type === "dynamic") {
      throw new ScriptError({
        file,
        message:
          "a filter cannot import while it runs, as with import(…); write `import … from` at the top",
      });
    }
    return specifier === null ? [] : [specifier];
  });
}

/** What the parser says, with the file's own name in it. */
function reason(error: unknown, file: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^SyntaxError: /, "").replaceAll("file:///stripTypeScriptTypes.ts", file);
}

function resolve(from: string, specifier: string, folder: string): string {
  const file = fileName(from);
  if (!/^\.{0,2}\/|^file:/.test(specifier)) {
    throw new ScriptError({
      file,
      message: `a filter cannot import "${specifier}": it may import its own files, ` +
        `as in "./lists.ts", and "nfscribe"`,
    });
  }
  const { href } = new URL(specifier, from);
  if (!href.startsWith(folder)) {
    throw new ScriptError({
      file,
      message: `a filter cannot import "${specifier}": it may import files of its own folder only`,
    });
  }
  return href;
}
