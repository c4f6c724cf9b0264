/**
 * What nfscribe gives up once everything is open.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { brokerPaths } from "../pipeline/broker.ts";
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
  ];
  if (granted.read === true || permissions.querySync({ name: "read" }).state === "granted") return;
  for (const { name, value } of needsOf(config, undefined)) {
    if (name !== "read" || value === undefined) continue;
    if (kept.some((path) => value.startsWith(path) || path.startsWith(value))) continue;
    permissions.revokeSync(descriptor(name, value));
  }
}
