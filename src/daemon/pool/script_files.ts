/**
 * The files of a filter script, each read once: what was read is what runs, in every
 * sandbox and every replacement of one.
 *
 * @module
 */

import { Folder, UnreadableError } from "../../../ffi/beneath.ts";
import type { FileKind } from "../../sandbox/imports.ts";
import { nestingProblem } from "../../sandbox/nesting.ts";
import { TRANSFER_SIZE } from "../../sandbox/ring.ts";

/** The largest file, in bytes, and what all of them may have. */
const FILE_MAX = TRANSFER_SIZE;
const TOTAL_MAX = 16 * 1024 * 1024;
const FILES_MAX = 1000;

const KINDS: readonly string[] = ["module", "json", "text"] satisfies FileKind[];

/** A file that was read. */
type Read = { bytes: Uint8Array<ArrayBuffer> } | { problem: string };

/** Reads the files of one version of a script. */
export class ScriptFiles {
  readonly #script: string;
  /** The script's folder and file, behind all links. */
  readonly #folder: string;
  readonly #main: string;
  readonly #read = new Map<string, Read>();
  /** Problems of files that are modules, by their paths. */
  readonly #nesting = new Map<string, string | undefined>();
  /** Requests in their order: how each file is imported, and its path from the folder. */
  readonly asked: (readonly [kind: string, path: string])[] = [];
  #total = 0;

  /**
   * Finds a script.
   *
   * @param script Its absolute path.
   * @throws {Deno.errors.NotCapable} If Deno may not read there.
   */
  constructor(script: string) {
    this.#script = script;
    const real = realPath(script);
    const end = real.lastIndexOf("/") + 1;
    this.#folder = real.slice(0, end);
    this.#main = real.slice(end);
  }

  /** Paths of the script and of all files that were asked for, each once. */
  get paths(): string[] {
    const read = [...this.#read.keys()].map((path) => this.#folder + path);
    return [...new Set([this.#script, ...read])];
  }

  /** Digests of all files that were read, by their paths from the folder. */
  async digests(): Promise<Map<string, string>> {
    const digests = new Map<string, string>();
    for (const [path, read] of this.#read) {
      if ("bytes" in read) digests.set(path, await digestOf(read.bytes));
    }
    return digests;
  }

  /** Whether all that was read would be read the same now. */
  isCurrent(): boolean {
    const now = new ScriptFiles(this.#script);
    return this.asked.every(([kind, path]) => isSame(this.read(kind, path), now.read(kind, path)));
  }

  /**
   * Reads a file, or returns what was read before.
   *
   * @param kind What it is taken for.
   * @param path Its path from the script's folder, as the sandbox asks for it: untrusted.
   * @returns Its bytes, or why there are none.
   */
  read(kind: string, path: string): Read {
    const name = path === this.#script.slice(this.#script.lastIndexOf("/") + 1) ? this.#main : path;
    const known = this.#read.get(name);
    if (known !== undefined) return this.#checked(kind, name, known);
    if (this.#read.size >= FILES_MAX) {
      return { problem: `Cannot read it: a filter has ${FILES_MAX} files at the most` };
    }
    const read = this.#readAnew(kind, name);
    this.#read.set(name, read);
    this.asked.push([kind, path]);
    return this.#checked(kind, name, read);
  }

  /** Checks what is to be parsed, which may have been read as a text before. */
  #checked(kind: string, name: string, read: Read): Read {
    if (kind !== "module" || "problem" in read) return read;
    if (!this.#nesting.has(name)) {
      this.#nesting.set(name, nestingProblem(new TextDecoder().decode(read.bytes)));
    }
    const problem = this.#nesting.get(name);
    return problem === undefined ? read : { problem: `cannot be parsed: ${problem}` };
  }

  #readAnew(kind: string, path: string): Read {
    if (!KINDS.includes(kind)) return { problem: "Cannot read it: it is no module, JSON or text" };
    try {
      using folder = new Folder(this.#folder);
      const bytes = folder.read(path, FILE_MAX);
      this.#total += bytes.length;
      if (this.#total > TOTAL_MAX) {
        return { problem: `Cannot read it: a filter's files have ${TOTAL_MAX} bytes at the most` };
      }
      return { bytes };
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      return { problem: `Cannot read it: ${error.message}` };
    }
  }
}

/** The SHA-256 of bytes, in hexadecimal digits. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function isSame(one: Read, other: Read): boolean {
  if ("problem" in one) return "problem" in other && one.problem === other.problem;
  return "bytes" in other && one.bytes.length === other.bytes.length &&
    one.bytes.every((byte, at) => byte === other.bytes[at]);
}

/** The path behind all links; the path itself where there is no such file. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return path;
  }
}
