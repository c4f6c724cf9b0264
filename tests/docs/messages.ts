/**
 * Messages as a document quotes them, with `…` for what differs from case to case.
 *
 * A block of `console` holds commands, as in `$ nfscribe run`, each above what it says;
 * without a command above them, lines are messages that no test provokes.
 *
 * @module
 */

import { ROOT } from "../system/process.ts";

/** A command, and messages that it prints. */
export interface Sample {
  /** The command line; undefined for messages alone. */
  command?: string;
  /** Printed messages. */
  messages: string[];
}

/** Anything, where it stands in a message. */
const HOLE = "…";

/** Commands and messages of a block of `console`. */
export function samplesOf(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) samples.push({ command: line.slice(2), messages: [] });
    else if (samples.length === 0) samples.push({ messages: [line] });
    else samples.at(-1)!.messages.push(line);
  }
  return samples;
}

/**
 * Returns whether a message is in what was printed.
 *
 * @param message It, as a document quotes it.
 * @param printed Printed text.
 */
export function isPrinted(message: string, printed: string): boolean {
  return new RegExp(message.split(HOLE).map(literally).join(".*")).test(printed);
}

/** Reads the messages' texts from nfscribe and its scripts, without code between the parts of one. */
export async function readTexts(): Promise<string> {
  const texts: string[] = [];
  for (const folder of ["src", "ffi"]) {
    for await (const path of modulesOf(ROOT + folder)) texts.push(await Deno.readTextFile(path));
  }
  const scripts = await Promise.all(
    ["nfscribe", "prepare"].map((name) => Deno.readTextFile(`${ROOT}scripts/${name}`)),
  );
  scripts.push(await Deno.readTextFile(`${ROOT}src/cli/try/in_namespace.sh`));
  return texts.map(textsOf).join("\n") +
    scripts.join("\n").replaceAll(/\$(?:\w+|\*)/g, HOLE);
}

/**
 * Lists the parts of a message that are not among the texts.
 *
 * @param message It, as a document quotes it.
 * @param texts What {@linkcode readTexts} returned.
 */
export function unsaid(message: string, texts: string): string[] {
  return message.split(/…|: |; /)
    .map((part) => part.replaceAll(/^[\s.,:;"()]+|[\s.,:;"()]+$/g, ""))
    .filter((part) => !isSaid(part, texts));
}

/** Returns whether a text says it, or two do: one in the middle of the other. */
function isSaid(part: string, texts: string): boolean {
  if (texts.includes(part)) return true;
  const words = part.split(" ");
  return words.some((_, at) =>
    at > 1 && at < words.length - 1 && texts.includes(words.slice(0, at).join(" ")) &&
    texts.includes(words.slice(at).join(" "))
  );
}

async function* modulesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesOf(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

/**
 * Removes the comments of a module, joins the parts of a text, and puts a hole in place of
 * each value in it.
 */
function textsOf(module: string): string {
  return module
    .replaceAll(/^\s*(?:\/\*\*?|\*|\/\/).*$/gm, "")
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, HOLE)
    .replaceAll(/(["'`])\s*\+\s*["'`]/g, "")
    .replaceAll(/\\(["'`])/g, "$1");
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|\/]/g, "\\$&");
}
