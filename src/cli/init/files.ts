/** Writes files of a new configuration, and reports them. */

import { OutputError } from "../../errors.ts";
import { failure } from "../../output/file/failure.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { commandWord } from "./place.ts";

/** Every terminal has so many. */
const COLUMNS = 80;
/** The configuration may hold a password. */
const MODE = 0o640;

/** Refuses to write over anything. */
export function requireFree(folder: string, names: readonly string[]): void {
  const taken = names.filter((name) => isThere(`${folder}${name}`));
  if (taken.length === 0) return;
  const [are, them] = taken.length === 1 ? ["is", "it"] : ["are", "them"];
  throw new OutputError(
    folder,
    `Cannot begin in ${folder}: ${
      listed(taken)
    } ${are} there already, and nothing is written over; move ${them} away, or name another folder: ` +
      "nfscribe init --folder FOLDER",
  );
}

/** Returns whether there is anything of this name. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Making the folder tells what is wrong with it.
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Makes a folder if it is missing. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw failure(folder, "make", error);
  }
}

/** Writes files below a folder, which is made if it is missing. */
export async function writeAll(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await makeFolder(folder);
  for (const [name, text] of Object.entries(files)) await write(`${folder}${name}`, text, MODE);
}

/** Writes a new file. */
export async function write(path: string, text: string, mode: number): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { createNew: true, mode });
  } catch (error) {
    throw failure(path, "write", error);
  }
}

/** Replaces a file at once. */
export async function replace(path: string, text: string, mode: number): Promise<void> {
  const next = `${path}.new`;
  try {
    await Deno.writeTextFile(next, text, { mode });
    await Deno.rename(next, path);
  } catch (error) {
    throw failure(path, "write", error);
  }
}

/** Reports files that were written, commands to type next, and advice. */
export function nextSteps(
  folder: string | undefined,
  names: readonly string[],
  lines: readonly (readonly [line: string, help: string])[],
  advice: string,
): string {
  return [
    `Wrote ${listed(names)}.`,
    "",
    "Next:",
    "",
    ...folder === undefined ? [] : [`  cd ${quoted(folder)}`],
    ...remarked(lines),
    "",
    advice,
    `When nothing arrives, ${commandWord()} doctor tells why.`,
  ].join("\n");
}

/** Commands with what they do: beside them, or above where there is no room. */
function remarked(lines: readonly (readonly [line: string, help: string])[]): string[] {
  const width = Math.max(...lines.map(([line]) => line.length));
  const beside = lines.map(([line, help]) => `  ${line.padEnd(width)}  # ${help}`);
  if (beside.every((line) => line.length <= COLUMNS)) return beside;
  return lines.flatMap(([line, help]) => [`  # ${help}`, `  ${line}`]);
}

/** As in `a, b and c`. */
function listed(names: readonly string[]): string {
  const [last] = names.slice(-1);
  return names.length === 1 ? last! : `${names.slice(0, -1).join(", ")} and ${last}`;
}
