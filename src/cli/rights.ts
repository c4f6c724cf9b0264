/**
 * What nfscribe gives up once everything is open.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { brokerPaths } from "../pipeline/broker.ts";
import { absolute } from "./options.ts";
import { descriptor, needsOf } from "../pipeline/needs.ts";

/**
 * Revokes every right but those that a new sandbox takes: sockets and files are
 * open, the C library is loaded. A right to read everything stays where it was
 * given: Deno cannot narrow it.
 *
 * @param config What runs.
 */
export function giveUpRights(config: Config): void {
  const { permissions } = Deno;
  const granted = config.filter?.permissions ?? {};
  for (const name of ["ffi", "run", "net", "env", "sys", "write"] as const) {
    if (name !== "ffi" && name !== "run" && granted[name] !== undefined) continue;
    permissions.revokeSync({ name });
  }
  const kept = [
    ...brokerPaths(config.filter?.script),
    ...granted.read === true || granted.read === undefined ? [] : granted.read,
  ].map(absolute);
  for (const { name, value } of needsOf(config, undefined)) {
    if (name !== "read" || value === undefined) continue;
    const path = absolute(value);
    // Revoking a path revokes every folder that it lies in, and so what else lies there.
    if (kept.some((other) => mayRead(sharedFolder(path, other)))) continue;
    permissions.revokeSync(descriptor(name, path));
  }
}

function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

/** The innermost folder that two absolute paths both lie in; a path lies in itself. */
function sharedFolder(a: string, b: string): string {
  if (a.startsWith(b)) return b;
  let end = 0;
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === "/") end = at + 1;
  return a.slice(0, end);
}
