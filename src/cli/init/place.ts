/**
 * Where nfscribe's own files are, and how it is called.
 *
 * @module
 */

/** This module's place below the folder that holds nfscribe. */
const HERE = "src/cli/init/place.ts";

/**
 * The folder with nfscribe's sources, as a URL with `/` at its end.
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
 * What to type for nfscribe: the name alone where the search path finds it, as far as
 * it may be read.
 */
export function commandWord(): string {
  const sources = sourcesUrl();
  if (sources === undefined || !sources.startsWith("file://")) return "nfscribe";
  const script = decodeURIComponent(new URL("scripts/nfscribe", sources).pathname);
  if (isInPath(script)) return "nfscribe";
  const here = `${Deno.cwd()}/`;
  return script.startsWith(here) ? script.slice(here.length) : script;
}

function isInPath(script: string): boolean {
  if (Deno.permissions.querySync({ name: "env", variable: "PATH" }).state !== "granted") {
    return false;
  }
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  return folders.some((folder) => realPath(`${folder}/nfscribe`) === script);
}

/** A path without links; undefined where nothing is there, or it may not be looked at. */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
