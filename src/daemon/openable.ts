/** Finds what a run would refuse to open, without opening anything to write. */

import type { Config, Part } from "../config/config.ts";
import { InputError, type OutputError } from "../errors.ts";
import { folderOf, isTaken, lookAt, ownerNeeds } from "../files/place.ts";
import { failure } from "../output/file/failure.ts";
import { STANDARD_OUTPUT, TIME } from "../output/file/options.ts";
import { sources } from "../source/sources.ts";
import { isGranted } from "../permission.ts";

/**
 * Reads the beginning of a source's capture files.
 *
 * @param source A checked source.
 * @returns The error of the run; undefined if there is none, or it is known only when packets come,
 *   as from a pipe.
 */
export async function captureProblem({ type, options }: Part): Promise<InputError | undefined> {
  const definition = sources[type]!;
  if (definition.isReplayed !== true) return undefined;
  for (const path of [options.path].flat().map(String)) {
    if (path === STANDARD_OUTPUT || !mayRead(path) || isStream(path)) continue;
    try {
      const reader = await definition.open({ ...options, path }, () => {});
      await reader.close();
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
  }
  return undefined;
}

/**
 * Looks at what is in the place of an output's file.
 *
 * @returns The error of the run; undefined if there is none.
 */
export function placeProblem({ options: { path } }: Part): OutputError | undefined {
  if (typeof path !== "string" || path === STANDARD_OUTPUT || path.includes(TIME)) return undefined;
  // Without these rights it is not known.
  if (![{ name: "read", value: path } as const, ...ownerNeeds(path)].every(isGranted)) {
    return undefined;
  }
  try {
    const there = lookAt(path);
    return there?.isDirectory === true
      ? failure(path, "open", new Deno.errors.IsADirectory())
      : undefined;
  } catch (error) {
    return failure(path, "open", error);
  }
}

/**
 * Lists folders of files and of the counters' socket that a run needs and does not make.
 *
 * @param config A checked configuration.
 */
export function missingFolders({ outputs, log, stats }: Config): string[] {
  const files = outputs.filter(({ options }) => options.makeFolders !== true)
    .map(({ options }) => options.path);
  const folders = [...files, log.file, stats.socket]
    .filter((path) => typeof path === "string").map(folderOf)
    .filter((folder) => folder !== "" && !folder.includes(TIME))
    .map((folder) => folder.replace(/(?<=.)\/$/, ""));
  return [...new Set(folders)].filter((folder) => mayRead(folder) && isMissing(folder));
}

function isMissing(path: string): boolean {
  try {
    return !isTaken(path);
  } catch {
    // Opening the file tells what is wrong with its folder.
    return false;
  }
}

function mayRead(path: string): boolean {
  return isGranted({ name: "read", value: path });
}

function isStream(path: string): boolean {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    return !isFile && !isDirectory;
  } catch {
    return false;
  }
}
