/** Notes of scripts whose types were right. */

import { digestOf, ScriptFiles } from "../daemon/pool/script_files.ts";
import { variable } from "../permission.ts";
import { VERSION } from "../version.ts";
import { CACHE } from "./type_check_folder.ts";

/** A note of the files that were right last time: an unchanged script is not checked again. */
export class Stamp {
  readonly #script: string;
  readonly #file: string;

  private constructor(script: string, file: string) {
    this.#script = script;
    this.#file = file;
  }

  /** Names the stamp of a script; undefined where there is no folder for it. */
  static async of(script: string): Promise<Stamp | undefined> {
    const folder = variable(CACHE);
    if (folder === undefined) return undefined;
    const name = (await digestOf(new TextEncoder().encode(script))).slice(0, 32);
    return new Stamp(script, `${folder}/types-${name}.json`);
  }

  /** Returns the script's files if they are those that this nfscribe has checked. */
  async current(): Promise<ScriptFiles | undefined> {
    try {
      const { files, digest } = JSON.parse(readNote(this.#file));
      const read = new ScriptFiles(this.#script);
      for (const [kind, path] of files) read.read(kind, path);
      return digest === await stampOf(read) ? read : undefined;
    } catch {
      // There is none, or it is damaged: then the script is checked.
      return undefined;
    }
  }

  /** Notes that these files are right. */
  async write(files: ScriptFiles): Promise<void> {
    const text = JSON.stringify({ files: files.requests, digest: await stampOf(files) });
    try {
      await Deno.writeTextFile(this.#file, text, { mode: 0o600 });
    } catch {
      // Then it is checked again next time.
    }
  }
}

/**
 * Reads a note as a script's files are read: without waiting for a pipe in its place, and without
 * `node:fs`, which Deno takes 20 ms to load.
 *
 * @throws {Error} If it cannot be read.
 */
function readNote(file: string): string {
  const read = new ScriptFiles(file).read("text", file.slice(file.lastIndexOf("/") + 1));
  if ("problem" in read) throw new Error(read.problem);
  return new TextDecoder().decode(read.bytes);
}

/** Returns a digest of all that a check's result depends on. */
async function stampOf(files: ScriptFiles): Promise<string> {
  const parts = [VERSION, Deno.version.deno, Deno.version.typescript];
  for (const [kind, path] of files.requests) {
    const read = files.read(kind, path);
    parts.push(kind, path, "problem" in read ? read.problem : await digestOf(read.bytes));
  }
  return await digestOf(new TextEncoder().encode(JSON.stringify(parts)));
}
