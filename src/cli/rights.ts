/** Permissions that nfscribe revokes once everything is open. */

import type { Config } from "../config/config.ts";
import { descriptor, isGranted, type Need } from "../permission.ts";
import { absolute } from "../text/path.ts";
import { needsOf } from "../daemon/permissions.ts";

/**
 * Kinds of `--allow-sys` (`Deno.SysPermissionDescriptor`) that are revoked. `uid` is not: files in
 * shared folders are reopened with it.
 */
const SYSTEM_KINDS = [
  "loadavg",
  "hostname",
  "systemMemoryInfo",
  "networkInterfaces",
  "osRelease",
  "osUptime",
  "gid",
  "username",
  "cpus",
  "homedir",
  "statfs",
  "getPriority",
  "setPriority",
  "ca",
  "umask",
] as const;

/** Kinds of permissions that Deno may have been started with. */
const KINDS = ["ffi", "read", "write", "run", "env", "net", "sys"] as const;

/** Revokes every permission. */
export function giveUpAll(): void {
  giveUpAllBut([]);
}

/** Revokes every kind of permission that is not among these. */
export function giveUpAllBut(kept: readonly Need[]): void {
  for (const name of KINDS) {
    if (!kept.some((need) => need.name === name)) Deno.permissions.revokeSync({ name });
  }
}

/**
 * Revokes the permissions that are not needed after the start. It keeps those that a new
 * sandbox needs, those that a source says it keeps ({@linkcode Need.isKept}), and those of files that
 * are reopened after SIGHUP, a rotation or a removal, when free space and the host's name are read again. Open sockets need none. `--allow-ffi`
 * stays for the memory of new sandboxes, and an unlimited `--allow-read` stays too: Deno cannot
 * narrow it.
 *
 * @param config The running configuration.
 * @param file The configuration file; undefined without one.
 */
export function giveUpRights(config: Config, file: string | undefined): void {
  const { permissions } = Deno;
  // Listing them may itself need rights.
  const needs = needsOf(config, file);
  // Sandboxes are processes, which get what a filter is granted by flags of their own.
  const filter = config.filter && { ...config.filter, permissions: {} };
  const later = [
    ...needsOf({ ...config, sources: [], stats: {}, filter }, file),
    ...needs.filter(({ isKept }) => isKept === true),
  ];
  permissions.revokeSync({ name: "run" });
  revokeHosts(needs);
  // Their environment is made of nfscribe's.
  if (config.filter?.permissions.env === undefined) permissions.revokeSync({ name: "env" });
  revokeKinds(later);
  for (const name of ["read", "write"] as const) {
    const kept = later.flatMap((need) => need.name === name ? need.value ?? [] : []);
    if (kept.length === 0) permissions.revokeSync({ name });
    else revokePaths(name, needs, kept);
  }
}

/** Revokes hosts, but for those to which outputs connect again. */
function revokeHosts(needs: readonly Need[]): void {
  const hosts = needs.filter(({ name }) => name === "net");
  const kept = new Set(hosts.flatMap(({ value, isKept }) => isKept === true ? [value] : []));
  if (kept.size === 0) Deno.permissions.revokeSync({ name: "net" });
  for (const host of hosts) {
    if (!kept.has(host.value)) Deno.permissions.revokeSync(descriptor(host));
  }
}

/** Revokes the kinds of `--allow-sys` that are not needed later. */
function revokeKinds(later: readonly Need[]): void {
  const used = later.filter(({ name }) => name === "sys").map(({ value }) => value);
  if (used.includes(undefined)) return;
  if (used.length === 0 && isGranted({ name: "sys", value: undefined })) {
    Deno.permissions.revokeSync({ name: "sys" });
    return;
  }
  for (const kind of SYSTEM_KINDS) {
    if (!used.includes(kind)) Deno.permissions.revokeSync({ name: "sys", kind });
  }
}

/** Revokes the paths that a configuration needed at the start only. */
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
    if (kept.some((other) => isGranted({ name, value: sharedFolder(path, other) }))) continue;
    Deno.permissions.revokeSync(descriptor({ name, value: path }));
  }
}

/** Returns the innermost folder that two absolute paths both lie in; a path lies in itself. */
function sharedFolder(a: string, b: string): string {
  if (a === b || a.startsWith(b.endsWith("/") ? b : `${b}/`)) return b;
  let end = 0;
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === "/") end = at + 1;
  return a.slice(0, end);
}
