/**
 * Whether two command lines are about the same configuration. Pure.
 *
 * @module
 */

import { toFileUrl } from "../../text/file_url.ts";
import { type ParsedOptions, parseOptions, UsageError } from "../command.ts";
import { fileOf, namesOutput } from "../options.ts";
import { outputs } from "../../output/outputs.ts";
import { groupSource } from "../../source/sources.ts";
import { runCommand } from "../run/command.ts";

/** Options of a command, and the folder that its paths are relative to. */
export interface Given {
  /** The options. */
  options: ParsedOptions;
  /** The folder; undefined where it is not known. */
  cwd: string | undefined;
}

/**
 * Whether an `nfscribe run` has the configuration that another command names.
 *
 * @param asked The other command.
 * @param words What follows `nfscribe run`.
 * @param cwd Its folder; undefined where it is not known.
 * @returns undefined where nothing tells: the other command names no file and no output.
 */
export function isSameRun(
  asked: Given,
  words: readonly string[],
  cwd: string | undefined,
): boolean | undefined {
  let options;
  try {
    options = parseOptions(runCommand, words);
  } catch (error) {
    // Of another version, maybe.
    if (error instanceof UsageError) return undefined;
    throw error;
  }
  const [file, other] = [fileOf(asked.options), fileOf(options)];
  if (file === undefined && !namesOutput(asked.options)) return undefined;
  if (file !== undefined || other !== undefined) {
    return file !== undefined && other !== undefined &&
      isSamePath(file, asked.cwd, other, cwd);
  }
  const { name: group } = groupSource.shorthand!;
  if (Number(asked.options[group]) !== Number(options[group])) return false;
  return Object.values(outputs).every(({ type, shorthand }) => {
    const [one, another] = [asked.options[type], options[type]];
    if (one === undefined || another === undefined) return one === another;
    return shorthand.value === "FILE" ? isSamePath(one, asked.cwd, another, cwd) : one === another;
  });
}

function isSamePath(
  a: string,
  cwdOfA: string | undefined,
  b: string,
  cwdOfB: string | undefined,
): boolean {
  return a === "-" || b === "-" ? a === b : from(cwdOfA, a) === from(cwdOfB, b);
}

/** A path from the root, as far as its folder is known. */
function from(cwd: string | undefined, path: string): string {
  const isWhole = path.startsWith("/") || cwd === undefined;
  return new URL(toFileUrl(isWhole ? path : `${cwd}/${path}`)).pathname;
}
