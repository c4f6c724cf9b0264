/**
 * Finds nfscribe's own files and the command that starts it.
 *
 * @module
 */

import { fromFileUrl } from "../../text/file_url.ts";
import { type Need, variable } from "../../permission.ts";

/** This module's place below the folder that holds nfscribe. */
const HERE = "src/cli/init/place.ts";

/**
 * Returns the folder with nfscribe's sources, as a URL with `/` at its end.
 *
 * @returns It; undefined where nfscribe is one file, compiled or bundled.
 */
export function sourcesUrl(): string | undefined {
  const { url } = import.meta;
  return Deno.build.standalone || !url.endsWith(`/${HERE}`)
    ? undefined
    : url.slice(0, -HERE.length);
}

/**
 * Returns the command that starts nfscribe: its name alone where the search path finds it, as far as
 * it may be read.
 */
export function commandWord(): string {
  const script = ownScript();
  if (script === undefined || nameInPath(script) !== undefined) return "nfscribe";
  const here = `${Deno.cwd()}/`;
  return script.startsWith(here) ? script.slice(here.length) : script;
}

/** Returns the permissions that {@linkcode commandWord} uses, and can do without. */
export function commandNeeds(): Need[] {
  const script = ownScript();
  if (script === undefined) return [];
  const why = "how nfscribe is called";
  const name = nameInPath(script);
  return [
    { name: "env", value: "PATH", why },
    ...name === undefined ? [] : [{ name: "read", value: name, why } as const],
  ];
}

/** Returns the script that starts nfscribe; undefined where it is not on this machine. */
function ownScript(): string | undefined {
  const sources = sourcesUrl();
  if (sources === undefined || !sources.startsWith("file://")) return undefined;
  return fromFileUrl(new URL("scripts/nfscribe", sources).href);
}

/** Returns the program that the search path finds, if it is a link to a script. */
function nameInPath(script: string): string | undefined {
  const folders = (variable("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => `${folder}/nfscribe`).find((path) => realPath(path) === script);
}

/**
 * Resolves the links of a path; returns undefined where nothing is there, or it may not be
 * looked at.
 */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
