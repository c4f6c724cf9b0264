/**
 * Whether all that nfscribe loads is among the modules that are embedded. Pure.
 *
 * @module
 */

import { init, parse } from "es-module-lexer";
import { stripTypeScriptTypes } from "node:module";

/** Output of `deno info --json`: a module and all that it imports. */
export interface Graph {
  /** The modules. */
  modules: readonly {
    /** Its address. */
    specifier: string;
    /** Reason why it cannot be loaded. */
    error?: string;
  }[];
}

/** Pattern of a file's name in sources, from which a process or a thread is made. */
const NAMED = /(?:new URL|import\.meta\.resolve)\(\s*"(\.[^"]+\.ts)"/g;
/** Checks types, which an executable cannot: it holds none. */
const FROM_SOURCES_ONLY = "cli/types/main.ts";
/** Imports a module that imports the user's script. */
const LOADS_SCRIPTS = "src/sandbox/loader.ts";

/**
 * Looks for what `deno compile` would miss.
 *
 * @param graphs What is embedded.
 * @param root The project's folder, as a URL with `/` at its end.
 * @param read Reads a module's text.
 * @returns What is missed, a line each; none where all is well.
 */
export async function missedModules(
  graphs: readonly Graph[],
  root: string,
  read: (url: string) => string,
): Promise<string[]> {
  await init;
  const modules = graphs.flatMap((graph) => graph.modules);
  const embedded = new Set(modules.map(({ specifier }) => specifier));
  const missed = new Set<string>();
  for (const { specifier, error } of modules) {
    const isOwn = specifier.startsWith(root);
    const place = isOwn ? specifier.slice(root.length) : specifier;
    const lines = error !== undefined
      ? [error]
      : isOwn
      ? missedBy(place, new URL(specifier), read, embedded)
      : /^(npm|node):/.test(specifier)
      ? []
      : ["lies outside of the project"];
    for (const line of lines) missed.add(`${place}: ${line}`);
  }
  return [...missed];
}

function missedBy(
  place: string,
  url: URL,
  read: (url: string) => string,
  embedded: ReadonlySet<string>,
): string[] {
  if (!place.endsWith(".ts")) return [];
  const text = read(url.href);
  const lines = [...text.matchAll(NAMED)].map((match) => match[1]!)
    .filter((file) => !embedded.has(new URL(file, url).href) && !file.endsWith(FROM_SOURCES_ONLY))
    .map((file) =>
      `loads ${file}, which is not embedded; add it to INCLUDED in scripts/compile.ts`
    );
  const [imports] = parse(stripTypeScriptTypes(text, { mode: "transform" }));
  const isComputed = imports.some((found) =>
    found.type === "dynamic" && (found.specifier === undefined || found.glob)
  );
  if (isComputed && place !== LOADS_SCRIPTS) {
    lines.push("imports what cannot be known ahead; write the address out");
  }
  return lines;
}
