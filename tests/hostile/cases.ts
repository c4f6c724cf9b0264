/**
 * Reads hostile filters from folders. Directives in comments at the start of each:
 *
 * - `@refused TEXT`: it must be refused, and the message contains the text;
 * - `@refused TEXT`: it must be refused, and the message holds the text;
 * - `@done`: it must log "done" after all attempts;
 * - `@done`: it must log "done", which shows that all of it was tried;
 * - `@flow MS`: duration of the packets at the most;
 * - `@flow MS`: how long packets flow at the most;
 * - `@config LINE`: a line of `[filter]`;
 * - `@harmless PATTERN`: harmless messages with GOT.
 * - `@harmless PATTERN`: messages with GOT that mean no harm.
 *
 * @module
 */

import type { HostileCase } from "./run.ts";

/** Folder of the project's own filters. */
export const OWN: URL = new URL("filters/", import.meta.url);

/** Name of the folder beside them with modules that several of them import. */
const TOOLS = "tools";

/** Reads all cases of a folder; each is a file, or a folder with `filter.js` or `filter.ts`. */
export function readCases(folder: URL): HostileCase[] {
  const entries = [...Deno.readDirSync(folder)].filter(({ name }) => name !== TOOLS);
  return entries.map(({ name, isDirectory }) => {
    const here = new URL(encodeURIComponent(name) + (isDirectory ? "/" : ""), folder);
    return isDirectory ? ofFolder(name, here) : ofFile(name, here);
  }).sort((one, other) => one.title < other.title ? -1 : 1);
}

function ofFile(name: string, file: URL): HostileCase {
  const text = Deno.readTextFileSync(file);
  const script = name.endsWith(".ts") ? "filter.ts" : "filter.js";
  return { ...directives(name, text), script, files: { [script]: text, ...toolsOf(text, file) } };
}

/** Returns the files that a filter imports from the folder of tools. */
function toolsOf(text: string, file: URL): Record<string, string> {
  const names = [...text.matchAll(/^import .* from "\.\/(tools\/.+)";$/gm)];
  return Object.fromEntries(
    names.map(([, name]) => [name!, Deno.readTextFileSync(new URL(name!, file))]),
  );
}

function ofFolder(name: string, folder: URL): HostileCase {
  const files = filesOf(folder);
  const script = "filter.ts" in files ? "filter.ts" : "filter.js";
  const text = new TextDecoder().decode(files[script] as Uint8Array<ArrayBuffer>);
  return { ...directives(name, text), script, files: withTexts(files) };
}

/** Reads all files below a folder, by their paths. */
export function filesOf(folder: URL, path = ""): Record<string, Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const at = new URL(encodeURIComponent(name) + (isDirectory ? "/" : ""), folder);
    if (isDirectory) Object.assign(files, filesOf(at, `${path}${name}/`));
    else files[path + name] = Deno.readFileSync(at);
  }
  return files;
}

/** Decodes modules as texts, in which names of canaries are replaced. */
function withTexts(files: Record<string, Uint8Array<ArrayBuffer>>): HostileCase["files"] {
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [
      name,
      /\.[cm]?[jt]s$/.test(name) ? new TextDecoder().decode(bytes) : bytes,
    ]),
  );
}

function directives(name: string, text: string): Omit<HostileCase, "files" | "script"> {
  const lines = text.split("\n").filter((line) => line.startsWith("// "))
    .map((line) => line.slice(3));
  const values = (word: string) =>
    lines.filter((line) => line === `@${word}` || line.startsWith(`@${word} `))
      .map((line) => line.slice(word.length + 2));
  const title = lines.find((line) => !line.startsWith("@") && !line.startsWith("deno-"));
  const [refused, flow, harmless] = ["refused", "flow", "harmless"].map((word) => values(word)[0]);
  return {
    title: `${name.replace(/\.[jt]s$/, "")}: ${title ?? ""}`,
    ...refused !== undefined && { refused },
    ...flow !== undefined && { flowMs: Number(flow) },
    ...harmless !== undefined && { harmless: new RegExp(harmless) },
    either: values("either").length > 0,
    mustEnd: values("done").length > 0,
    drops: values("drops").length > 0,
    config: values("config").join("\n"),
    rights: values("rights"),
  };
}
