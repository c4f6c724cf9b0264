/** Finds nfscribe's own files and the command that starts it. */

import { fromFileUrl, toFileUrl } from "../../text/file_url.ts";
import { quotedPath } from "../../text/shell_quoted.ts";
import { type Need, variable } from "../../permission.ts";
import { PROJECT } from "../../threads.ts";

/** Variable of scripts/nfscribe: the Deno that runs, where the user's search path has none. */
const OWN_DENO = "NFSCRIBE_DENO";
/** Variable of the same, where nfscribe is installed: the cache with its packages. */
const OWN_CACHE = "NFSCRIBE_DENO_DIR";
/** Variable of the one file that holds all of nfscribe: its path. */
const OWN_FILE = "NFSCRIBE_FILE";
/** Variable of the same: a link to its files, which later versions keep. */
const OWN_SOURCES = "NFSCRIBE_SOURCES";

/**
 * Returns the folder with nfscribe's sources, as a URL with `/` at its end; for files that outlive
 * this version, so it may be a link.
 *
 * @returns It; undefined where nfscribe is one file, compiled or bundled.
 */
export function sourcesUrl(): string | undefined {
  const kept = variable(OWN_SOURCES);
  return kept === undefined ? loadedFrom() : `${toFileUrl(kept)}/`;
}

/** Returns the folder with the sources of the nfscribe that runs. */
function loadedFrom(): string | undefined {
  return Deno.build.standalone ? undefined : PROJECT?.href;
}

/**
 * Returns the command that starts nfscribe, as a shell takes it: its name alone where the search path
 * finds it, as far as it may be read.
 */
export function commandWord(): string {
  const script = ownScript();
  if (script === undefined || nameInPath(script) !== undefined) return "nfscribe";
  const here = `${Deno.cwd()}/`;
  const path = script.startsWith(here) ? script.slice(here.length) : script;
  // Without a slash the shell would look for it elsewhere.
  return quotedPath(path.includes("/") ? path : `./${path}`);
}

/**
 * Returns the command that starts Deno, as a shell takes it: its path where scripts/nfscribe says that
 * the search path of the user has none, and the cache with which that needs no network.
 */
export function denoWord(): string {
  const path = ownDeno();
  if (path === undefined) return "deno";
  const cache = variable(OWN_CACHE);
  return `${cache === undefined ? "" : `DENO_DIR=${quotedPath(cache)} `}${quotedPath(path)}`;
}

/** Returns the Deno that only nfscribe finds. */
function ownDeno(): string | undefined {
  return variable(OWN_DENO) || undefined;
}

/** Returns the permissions that {@linkcode commandWord} and {@linkcode denoWord} use, and can do without. */
export function commandNeeds(): Need[] {
  const script = ownScript();
  if (script === undefined) return [];
  const why = "how nfscribe is called";
  const name = nameInPath(script);
  return [
    { name: "env", value: "PATH", why },
    ...[OWN_FILE, OWN_SOURCES, OWN_CACHE].filter((name) => variable(name) !== undefined)
      .map((value): Need => ({ name: "env", value, why })),
    ...ownDeno() === undefined ? [] : [{ name: "env", value: OWN_DENO, why } as const],
    ...name === undefined ? [] : [{ name: "read", value: name, why } as const],
  ];
}

/** Returns the script or the one file that starts nfscribe; undefined where there is none. */
function ownScript(): string | undefined {
  const file = variable(OWN_FILE);
  if (file !== undefined) return file;
  const sources = loadedFrom();
  if (sources === undefined || !sources.startsWith("file://")) return undefined;
  return fromFileUrl(new URL("scripts/nfscribe", sources).href);
}

/** Returns the program that the search path finds, if it is that script or a link to it. */
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
