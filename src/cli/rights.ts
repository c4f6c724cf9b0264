/**
 * What nfscribe gives up once everything is open.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import type { Need } from "../permission.ts";
import { absolute } from "./options.ts";
import { descriptor, needsOf } from "../pipeline/needs.ts";

/**
 * Revokes every right but those that a new sandbox takes, and those to files that
 * are opened anew: by SIGHUP, by rotation, and after somebody removed them.
 * Sockets are open, the C library is loaded. A right to read everything stays
 * where it was given: Deno cannot narrow it.
 *
 * @param config What runs.
 * @param file The configuration file; undefined without one.
 */
export function giveUpRights(config: Config, file: string | undefined): void {
  const { permissions } = Deno;
  const granted = config.filter?.permissions ?? {};
  // Which these are may itself take rights to tell.
  const needs = needsOf(config, file);
  const later = needsOf({ ...config, sources: [], stats: {} }, file);
  for (const name of ["ffi", "run", "net", "env", "sys"] as const) {
    if (name !== "ffi" && name !== "run" && granted[name] !== undefined) continue;
    permissions.revokeSync({ name });
  }
  for (const name of ["read", "write"] as const) {
    const kept = later.flatMap((need) => need.name === name ? need.value ?? [] : []);
    if (kept.length === 0 && granted[name] === undefined) permissions.revokeSync({ name });
    else revokePaths(name, needs, kept);
  }
}

/** Revokes the paths that a configuration needs, but for those that go on being used. */
function revokePaths(
  name: "read" | "write",
  needs: readonly Need[],
  used: readonly string[],
): void {
  const kept = used.map(absolute);
  for (const { name: kind, value } of needs) {
    if (kind !== name || value === undefined) continue;
    const path = absolute(value);
    // Revoking a path revokes every folder that it lies in, and so what else lies there.
    if (kept.some((other) => may(name, sharedFolder(path, other)))) continue;
    Deno.permissions.revokeSync(descriptor(name, path));
  }
}

function may(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

/** The innermost folder that two absolute paths both lie in; a path lies in itself. */
function sharedFolder(a: string, b: string): string {
  if (a.startsWith(b)) return b;
  let end = 0;
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === "/") end = at + 1;
  return a.slice(0, end);
}
