/** Whether two command lines are about the same configuration. Pure. */

import { toFileUrl } from "../../text/file_url.ts";
import { type ParsedOptions, parseOptions, UsageError } from "../command.ts";
import { ALL_OUTPUTS, SHORT_SOURCES } from "../part_options.ts";
import { fileOf } from "../options.ts";
import { runCommand } from "../run/command.ts";

/** Options of a command, and the folder that its paths are relative to. */
export interface Given {
  options: ParsedOptions;
  /** The folder; undefined where it is not known. */
  cwd: string | undefined;
}

/**
 * Returns whether an `nfscribe run` has the configuration that another command names.
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
  const isNamed = ALL_OUTPUTS.some(({ type }) => asked.options[type] !== undefined);
  if (file === undefined && !isNamed) return undefined;
  if (file !== undefined || other !== undefined) {
    return file !== undefined && other !== undefined &&
      isSamePath(file, asked.cwd, other, cwd);
  }
  const given = [
    ...SHORT_SOURCES.map(({ shorthand }) => shorthand),
    ...ALL_OUTPUTS.map(({ type, shorthand }) => ({ name: type, value: shorthand.value })),
  ];
  return given.every(({ name, value }) => {
    const [one, two] = [asked.options[name], options[name]];
    if (one === undefined || two === undefined) return one === two;
    if (value === "N") return Number(one) === Number(two);
    return value === "FILE" ? isSamePath(one, asked.cwd, two, cwd) : one === two;
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

/** Makes a path absolute, as far as its folder is known. */
function from(cwd: string | undefined, path: string): string {
  const isWhole = path.startsWith("/") || cwd === undefined;
  return new URL(toFileUrl(isWhole ? path : `${cwd}/${path}`)).pathname;
}
