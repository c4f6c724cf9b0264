/**
 * Loads a filter script. What the script imports is decided where Deno's own loader
 * asks for it, by the address that it has resolved, and the text that is run is the
 * one that the privileged process has read: nothing is read twice, and nothing is
 * found by one parser and loaded by another.
 *
 * @module
 */

import { registerHooks, stripTypeScriptTypes } from "node:module";
import { decodedPath, fromFileUrl } from "../text/file_url.ts";
import { LIBRARY } from "../threads.ts";
import type { FilterModule } from "../filter/filter.ts";
import {
  type FileKind,
  importProblem,
  kindOf,
  NO_DYNAMIC_IMPORT,
  type OwnModule,
} from "./imports.ts";

/** How a script is loaded. */
export interface LoaderOptions {
  /** The script's address. */
  script: string;
  /** Returns a file's text. It is asked for once for each file. */
  read: (kind: FileKind, path: string) => string;
  /** Called once all of the script is loaded, before its first statement. */
  seal: () => void;
}

/** Addresses of modules that are not files: what is run first, and what stands for an import that is refused. */
const ENTRY = import.meta.resolve("./entry.js");
const SEAL = import.meta.resolve("./seal.js");
const REFUSED = import.meta.resolve("./refused.js");
/** Stands for modules of nfscribe that have types only. */
const TYPES = import.meta.resolve("./types.js");
/** Modules of nfscribe by the names that scripts may import. */
const OWN: ReadonlyMap<string, string> = new Map(
  [
    ["nfscribe", LIBRARY],
    ["nfscribe/packet", TYPES],
  ] satisfies [OwnModule, string][],
);
/** Names of modules that have types. */
const TYPED = /\.m?ts$/;
/** Begins the map that {@linkcode stripTypeScriptTypes} writes at the end. */
const MAP = "//# sourceMappingURL=data:application/json;base64,";

const NO_HOOKS =
  "a filter cannot be held here: this build of nfscribe does not call module hooks, so " +
  "it could import Node's modules; run nfscribe from its sources or its bundle";

/** A script, or a file of it, that cannot be loaded. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  /** The file's address. */
  readonly file: string;

  /** Makes the error. */
  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}

/**
 * Loads a script, and what it imports.
 *
 * @returns Its exports.
 * @throws {LoadError} If it imports what it must not, or a file cannot be parsed.
 * @throws {unknown} Whatever the script itself throws.
 */
export async function loadScript({ script, read, seal }: LoaderOptions): Promise<FilterModule> {
  // The loader wraps errors of hooks in its own words; the first one is reported as it is.
  let problem: LoadError | undefined;
  let sealed = false;
  let isCalled = false;
  const refuse = (file: string, message: string): LoadError => {
    problem ??= new LoadError(file, message);
    return problem;
  };
  const folder = new URL(".", script).href;
  // The name is gone when the script's first statement runs.
  const sealName = `nfscribe ${crypto.randomUUID()}`;
  Object.defineProperty(globalThis, sealName, {
    configurable: true,
    value: () => {
      delete (globalThis as Record<string, unknown>)[sealName];
      if (problem !== undefined) throw problem;
      seal();
      sealed = true;
    },
  });
  const texts: Record<string, string> = {
    [ENTRY]: `import ${JSON.stringify(SEAL)};\nexport * as script from ${JSON.stringify(script)};`,
    [SEAL]: `globalThis[${JSON.stringify(sealName)}]();`,
    [REFUSED]: "export default undefined;",
    [TYPES]: "export {};",
  };
  registerHooks({
    resolve(specifier, context, next) {
      isCalled = true;
      const { parentURL } = context;
      if (sealed) throw new TypeError(`Cannot import "${specifier}": ${NO_DYNAMIC_IMPORT}`);
      if (texts[specifier] !== undefined) return { url: specifier, shortCircuit: true };
      if (parentURL !== ENTRY && parentURL?.startsWith(folder) !== true) {
        return next(specifier, context);
      }
      const from = parentURL === ENTRY ? script : parentURL;
      const url = OWN.get(specifier) ?? URL.parse(specifier, from)?.href;
      const why = importProblem(specifier, url, folder, context.importAttributes?.type);
      if (why === undefined) return { url: url!, shortCircuit: true };
      refuse(from, why);
      // Deno goes on by itself for its own modules where a hook throws.
      return { url: REFUSED, shortCircuit: true };
    },
    load(url, context, next) {
      if (texts[url] !== undefined) return module(texts[url]);
      if (!url.startsWith(folder)) return next(url, context);
      const kind = kindOf(url, context.importAttributes?.type);
      if (kind === undefined) throw refuse(url, "cannot be imported like that");
      let text: string;
      try {
        text = read(kind, decodedPath(url.slice(folder.length)));
      } catch (error) {
        throw refuse(url, (error as Error).message);
      }
      if (kind !== "module") return { format: kind, source: text, shortCircuit: true };
      try {
        return module(TYPED.test(url) ? withoutTypes(text, url) : text);
      } catch (error) {
        throw refuse(url, `cannot be parsed: ${parserReason(error, url)}`);
      }
    },
  });
  try {
    const { script: exports } = await import(ENTRY);
    return exports;
  } catch (error) {
    if (!isCalled) throw new LoadError(script, NO_HOOKS);
    throw problem ?? error;
  }
}

function module(source: string) {
  return { format: "module" as const, source, shortCircuit: true };
}

/** A module's JavaScript, with a map by which errors tell lines of the TypeScript. */
function withoutTypes(text: string, url: string): string {
  const code = stripTypeScriptTypes(text, { mode: "transform", sourceMap: true });
  const at = code.lastIndexOf(MAP);
  if (at < 0) return code;
  const map = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(code.slice(at + MAP.length))),
  );
  const named = new TextEncoder().encode(
    JSON.stringify({ ...map, sources: [url], sourcesContent: undefined }),
  );
  return `${code.slice(0, at)}${MAP}${named.toBase64()}`;
}

/** Returns the parser's message, with the file's own name in it. */
function parserReason(error: unknown, url: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^SyntaxError: /, "")
    .replaceAll("file:///stripTypeScriptTypes.ts", fromFileUrl(url));
}
