/** Configuration files. */

import { parse } from "@std/toml/parse";
import { ConfigError, messageOf } from "../errors.ts";
import { filterEntries, filterPermissionEntries } from "../filter/options.ts";
import { outputs } from "../output/outputs.ts";
import { accepts, type Entries, isTable, pathsOf, type PathUse } from "../schema.ts";
import { sources } from "../source/sources.ts";
import { quoted } from "../text/shell_quoted.ts";
import { logEntries } from "./log.ts";
import { entriesOf } from "./outputs.ts";
import { snakeCaseEntries } from "./spelling.ts";
import { statsEntries } from "./stats.ts";
import { webEntries } from "./web.ts";
import { duplicateOf } from "./toml_keys.ts";

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

/** Returns whether there is a file. One of the service that this user may not look at is there. */
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
 * @param instead Options that do without a file, for the message where there is none.
 * @returns What it says; paths in it are as if written from the current folder.
 * @throws {ConfigError} If it cannot be read or is not TOML; the message tells the line.
 */
export async function readConfigFile(
  file: string,
  instead?: string,
): Promise<Record<string, unknown>> {
  let toml;
  try {
    toml = await Deno.readTextFile(file);
  } catch (error) {
    throw new ConfigError(file, [{ key: "", message: readReason(error, file, instead) }]);
  }
  const twice = duplicateOf(toml);
  if (twice !== undefined) {
    const [first, second] = twice.lines;
    throw new ConfigError(file, [{
      key: "",
      message: `is not TOML: ${twice.name} stands in lines ${first} and ${second}; leave one out`,
    }]);
  }
  try {
    return fromFolderOf(file, parse(toml));
  } catch (error) {
    const unnamed = toml.split("\n").findIndex((line) => /^\s*\[output\]\s*(#.*)?$/.test(line));
    const message = unnamed < 0
      ? `is not TOML: ${messageOf(error)}`
      : `line ${unnamed + 1}: [output] lacks the output's name; write [output.NAME], as in ` +
        "[output.pcap]";
    throw new ConfigError(file, [{ key: "", message }]);
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
  const inFolder = (path: unknown, use: PathUse): unknown => {
    if (Array.isArray(path)) return path.map((item) => inFolder(item, use));
    const isRelative = typeof path === "string" && path !== "" && !path.startsWith("/");
    // A dash is standard input, output or error.
    return !isRelative || path === "-" && use !== "folder" ? path : folder + path;
  };
  for (const [table, entries] of tablesOf(value)) {
    const spelled = snakeCaseEntries(entries);
    for (const [name, use] of pathsOf(spelled)) {
      const isRight = Object.hasOwn(table, name) && accepts(spelled[name]!, table[name]);
      if (isRight) table[name] = inFolder(table[name], use);
    }
  }
  return value;
}

/**
 * Yields the tables of a configuration with their options; other shapes are left for the
 * check to report.
 */
function* tablesOf(
  { source, filter, output, stats, log, web }: Record<string, unknown>,
): Generator<[table: Record<string, unknown>, entries: Entries]> {
  for (const table of Array.isArray(source) ? source.filter(isTable) : []) {
    yield [table, sources[String(table.type)]?.entries ?? {}];
  }
  for (const [name, table] of isTable(output) ? Object.entries(output) : []) {
    const type = isTable(table) ? outputs[String(table.type ?? name)] : undefined;
    if (isTable(table) && type !== undefined) yield [table, entriesOf(type)];
  }
  if (isTable(stats)) yield [stats, statsEntries];
  if (isTable(log)) yield [log, logEntries];
  if (isTable(web)) yield [web, webEntries];
  if (!isTable(filter)) return;
  yield [filter, filterEntries];
  if (isTable(filter.permissions)) yield [filter.permissions, filterPermissionEntries];
}

function readReason(error: unknown, file: string, instead: string | undefined): string {
  if (error instanceof Deno.errors.NotFound) {
    if (file !== DEFAULT_FILE) return "Cannot read it: there is no such file; name another with -c";
    const others = instead === undefined ? "" : `, or say ${instead}`;
    return `Cannot read it: there is no such file, and no ${SYSTEM_FILE}; name one with -c${others}`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `Cannot read it: Deno was started without that right; run again with ${
      quoted(`--allow-read=${file}`)
    }`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "Cannot read it: the system denies it to this user; be root, or let this user read it";
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return "Cannot read it: it is a folder, not a file; name a file in it";
  }
  return `Cannot read it: ${messageOf(error)}; name another file with -c`;
}
