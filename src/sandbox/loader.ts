/**
 * Loads a filter script through Deno's module hooks. Imports are checked on the URLs that Deno's
 * own loader has resolved, and the code that runs is the text that the privileged process has read:
 * nothing is read twice, and no second parser can disagree about the imports.
 */

import { messageOf } from "../errors.ts";
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

/** Options of loading a script. */
export interface LoaderOptions {
  /** URL of the script. */
  script: string;
  /** Returns the text of a file; called once for each file. */
  read: (kind: FileKind, path: string) => string;
  /** Called after everything is loaded, before the script's first statement. */
  seal: () => void;
}

/** URLs of generated modules: the entry, the seal, and the replacement of refused imports. */
const ENTRY = import.meta.resolve("./entry.js");
const SEAL = import.meta.resolve("./seal.js");
const REFUSED = import.meta.resolve("./refused.js");
/** Replacement of nfscribe's modules that only have types. */
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
/** Start of the source map that {@linkcode stripTypeScriptTypes} appends. */
const MAP = "//# sourceMappingURL=data:application/json;base64,";

const NO_HOOKS =
  "a filter cannot be confined here: this build of nfscribe does not call module hooks, so " +
  "it could import Node's modules; run nfscribe from its sources or its bundle";

/** Error of a script, or a file of it, that cannot be loaded. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  /** URL of the file. */
  readonly file: string;

  /** Creates the error. */
  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}

/**
 * Loads a script and its imports.
 *
 * @returns Exports of the script.
 * @throws {LoadError} If an import is refused, or a file cannot be parsed.
 * @throws {unknown} Any value that the script itself throws.
 */
export async function loadScript({ script, read, seal }: LoaderOptions): Promise<FilterModule> {
  // Deno's loader wraps errors of hooks in its own text; the first one is thrown unchanged.
  let problem: LoadError | undefined;
  let sealed = false;
  let isCalled = false;
  const refuse = (file: string, message: string): LoadError => {
    problem ??= new LoadError(file, message);
    return problem;
  };
  const folder = new URL(".", script).href;
  // The name is deleted before the script's first statement runs.
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
      // If the hook throws, Deno falls back to its own resolution for built-in modules.
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

/** Returns a module's JavaScript with a source map, so that errors show lines of the TypeScript. */
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

/** Returns the parser's message with the file's own name. */
function parserReason(error: unknown, url: string): string {
  const message = messageOf(error);
  return message.replace(/^SyntaxError: /, "")
    .replaceAll("file:///stripTypeScriptTypes.ts", fromFileUrl(url));
}
