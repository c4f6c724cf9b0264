/**
 * Configuration files.
 *
 * @module
 */

import { parse } from "@std/toml/parse";
import { ConfigError } from "../errors.ts";
import { isTable } from "../schema.ts";

/** The file that is written to begin with, and read where none is named. */
export const DEFAULT_FILE = "nfscribe.toml";
/** The file that is read where that one is not there: the one of the service. */
export const SYSTEM_FILE = "/etc/nfscribe/nfscribe.toml";

/**
 * Returns the file that is read where none is named: the one in the current folder, or that of
 * the service; the former, too, where neither is there.
 */
export function usualFile(): string {
  return foundFile() ?? DEFAULT_FILE;
}

/** Returns the same file; undefined where neither is there. */
export function foundFile(): string | undefined {
  return [DEFAULT_FILE, SYSTEM_FILE].find(isThere);
}

/** Whether there is a file. One of the service that this user may not look at is there. */
function isThere(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    return file === SYSTEM_FILE && error instanceof Deno.errors.PermissionDenied;
  }
}

/**
 * Reads a configuration file, unchecked.
 *
 * @param file The TOML file's path.
 * @returns What it says; paths in it are as if written from the current folder.
 * @throws {ConfigError} If it cannot be read or is not TOML; the message tells the line.
 */
export async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  let toml;
  try {
    toml = await Deno.readTextFile(file);
  } catch (error) {
    throw new ConfigError(file, [{ key: "", message: readReason(error, file) }]);
  }
  try {
    return fromFolderOf(file, parse(toml));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError(file, [{ key: "", message: `is not TOML: ${message}` }]);
  }
}

/**
 * Makes the paths, which are relative to the file, relative to the current folder.
 *
 * @param file The configuration file's path.
 * @param value What it says, unchecked; its tables are changed.
 * @returns The same.
 */
export function fromFolderOf(
  file: string,
  value: Record<string, unknown>,
): Record<string, unknown> {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  if (folder === "") return value;
  const inFolder = (path: unknown) =>
    typeof path !== "string" || path === "" || path.startsWith("/") ? path : folder + path;
  // A dash is standard input or output.
  const unlessDash = (path: unknown) => path === "-" ? path : inFolder(path);
  const { source, filter, output, stats, log } = value;
  // What has another shape is left for the check to name.
  const tables = [
    ...Array.isArray(source) ? source : [],
    ...isTable(output) ? Object.values(output) : [],
  ];
  for (const table of tables.filter(isTable)) {
    const { path } = table;
    if (Object.hasOwn(table, "path")) {
      table.path = Array.isArray(path) ? path.map(unlessDash) : unlessDash(path);
    }
    if (Object.hasOwn(table, "spool")) table.spool = inFolder(table.spool);
  }
  if (isTable(stats) && Object.hasOwn(stats, "socket")) stats.socket = inFolder(stats.socket);
  if (isTable(log) && Object.hasOwn(log, "file") && log.file !== "-") log.file = inFolder(log.file);
  if (!isTable(filter)) return value;
  if (Object.hasOwn(filter, "script")) filter.script = inFolder(filter.script);
  const { permissions } = filter;
  if (!isTable(permissions)) return value;
  for (const kind of ["read", "write"]) {
    const paths = permissions[kind];
    if (Array.isArray(paths)) permissions[kind] = paths.map(inFolder);
  }
  return value;
}

function readReason(error: unknown, file: string): string {
  if (error instanceof Deno.errors.NotFound) {
    const other = file === DEFAULT_FILE ? `, and no ${SYSTEM_FILE}` : "";
    return `Cannot read it: there is no such file${other}; name one with -c, or say what to do with --group and --pcap`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `Cannot read it: Deno was started without that right; run again with --allow-read=${file}`;
  }
  return `Cannot read it: ${error instanceof Error ? error.message : String(error)}`;
}
