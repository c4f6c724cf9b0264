/** Operations on paths as text, without access to the file system. */

/** Characters that are refused in paths and other words of a command line. */
const CONTROL = /\p{Cc}/u;

/** Error text for {@linkcode hasControl}. */
export const NO_CONTROL = "must have no control characters, such as the end of a line";

/** Returns whether a text has control characters (C0, DEL, C1). */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/**
 * Normalizes a path: removes steps such as `./x`, `a//x` and `a/../x`. Deno compares permissions
 * with paths in this form, and opens what they then name, whatever links there are.
 *
 * @returns The same path, as absolute or relative as before; with `/` at its end if it had one, or
 *   ended with a step that only a folder has. A file named `-` stays `./-`.
 *
 * @example
 * ```ts
 * import { normalPath } from "./path.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(normalPath("/etc/nfscribe/../fw//./out.pcap"), "/etc/fw/out.pcap");
 * assertEquals(normalPath("../log/"), "../log/");
 * ```
 */
export function normalPath(path: string): string {
  const root = path.startsWith("/") ? "/" : "";
  const kept: string[] = [];
  for (const step of path.split("/")) {
    if (step === "" || step === ".") continue;
    const last = kept.at(-1);
    if (step !== "..") kept.push(step);
    else if (last !== undefined && last !== "..") kept.pop();
    else if (root === "") kept.push(step);
  }
  if (kept.length === 0) return root || (path === "" ? "" : "./");
  const normal = root + kept.join("/");
  if (/(^|\/)\.{0,2}$/.test(path)) return `${normal}/`;
  return normal === "-" && path !== "-" ? "./-" : normal;
}

/** Returns the normalized absolute path. */
export function absolute(path: string): string {
  return normalPath(path.startsWith("/") ? path : `${Deno.cwd()}/${path}`);
}

/**
 * Returns whether a path lies in a folder, by their texts.
 *
 * @param folder A folder's path, with `/` at its end; both are absolute, or relative to the same
 *   folder.
 */
export function liesIn(path: string, folder: string): boolean {
  const [inner, outer] = [normalPath(path), normalPath(folder)];
  if (inner === outer || !outer.endsWith("/")) return false;
  const here = outer === "./";
  if (!here && !inner.startsWith(outer)) return false;
  const rest = here ? inner : inner.slice(outer.length);
  return !rest.startsWith("/") && rest !== ".." && !rest.startsWith("../");
}

/**
 * Returns the folder of a path, with `/` at its end.
 *
 * @example
 * ```ts
 * import { folderOf } from "./path.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(folderOf("/var/log/fw.pcap"), "/var/log/");
 * assertEquals(folderOf("fw.pcap"), "./");
 * ```
 */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || "./";
}
