/**
 * Reads each file of a filter script once, so that every sandbox and every replacement runs the
 * same version.
 */

import { Folder, UnreadableError } from "../../../ffi/beneath.ts";
import { resolveLinks } from "../../../ffi/resolve.ts";
import type { FileKind } from "../../sandbox/imports.ts";
import { nestingProblem } from "../../sandbox/nesting.ts";
import { TRANSFER_SIZE } from "../../sandbox/ring.ts";

/** Size limits of a file and of all files, in bytes, and the number of files. */
const FILE_MAX = TRANSFER_SIZE;
const TOTAL_MAX = 16 * 1024 * 1024;
const FILES_MAX = 1000;

const KINDS: readonly string[] = ["module", "json", "text"] satisfies FileKind[];

/** Result of reading a file. */
type Read = { bytes: Uint8Array<ArrayBuffer> } | { problem: string };

/** Files of one version of a script. */
export class ScriptFiles {
  readonly #script: string;
  /** Folder and file name of the script, with all links resolved. */
  readonly #folder: string;
  readonly #main: string;
  /** Reason why nothing is read; undefined if the script's path could be resolved. */
  readonly #refusal: string | undefined;
  readonly #read = new Map<string, Read>();
  /** Nesting problems of modules, by path. */
  readonly #nesting = new Map<string, string | undefined>();
  /** Requests in order: kind of import, and path relative to the folder. */
  readonly requests: (readonly [kind: string, path: string])[] = [];
  #total = 0;

  /**
   * Resolves the script's path.
   *
   * @param script Absolute path of the script.
   * @throws {Deno.errors.NotCapable} If Deno may not read there.
   */
  constructor(script: string) {
    this.#script = script;
    const { real, refusal } = resolved(script);
    this.#refusal = refusal;
    const end = real.lastIndexOf("/") + 1;
    this.#folder = real.slice(0, end);
    this.#main = real.slice(end);
  }

  /** Paths of the script and of all files that were requested, each once. */
  get paths(): string[] {
    const read = [...this.#read.keys()].map((path) => this.#folder + path);
    return [...new Set([this.#script, ...read])];
  }

  /** Returns the digests of all files that were read, by path relative to the folder. */
  async digests(): Promise<Map<string, string>> {
    const digests = new Map<string, string>();
    for (const [path, read] of this.#read) {
      if ("bytes" in read) digests.set(path, await digestOf(read.bytes));
    }
    return digests;
  }

  /** Returns whether reading everything again would give the same results. */
  isCurrent(): boolean {
    const now = new ScriptFiles(this.#script);
    return this.requests.every(([kind, path]) =>
      isSame(this.read(kind, path), now.read(kind, path))
    );
  }

  /**
   * Reads a file, or returns the earlier result.
   *
   * @param kind Kind of import.
   * @param path Path relative to the script's folder, as the sandbox requests it: untrusted.
   * @returns Bytes, or the problem.
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
    this.requests.push([kind, path]);
    return this.#checked(kind, name, read);
  }

  /** Checks the nesting of a module, which may have been read as text before. */
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
    if (this.#refusal !== undefined) return { problem: `Cannot read it: ${this.#refusal}` };
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

/** Returns the SHA-256 of bytes as hexadecimal digits. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function isSame(one: Read, other: Read): boolean {
  if ("problem" in one) return "problem" in other && one.problem === other.problem;
  return "bytes" in other && one.bytes.length === other.bytes.length &&
    one.bytes.every((byte, at) => byte === other.bytes[at]);
}

/**
 * Resolves all links of a script's path.
 *
 * @returns The path; with a reason where it cannot be resolved, or holds a link that is not followed.
 * @throws {Deno.errors.NotCapable} If Deno may not read there.
 */
function resolved(script: string): { real: string; refusal?: string } {
  const { state } = Deno.permissions.querySync({ name: "read", path: script });
  if (state !== "granted") throw new Deno.errors.NotCapable(`Requires read access to "${script}"`);
  try {
    return { real: resolveLinks(script) };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { real: script, refusal: error.message };
  }
}
