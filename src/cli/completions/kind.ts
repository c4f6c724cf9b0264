/** Kinds of completion for an option's value or an operand. Pure. */

import { USEFUL_WORDS } from "../../filter/expression/words.ts";
import type { Choices, Command, Operand, Option } from "../command.ts";

/**
 * A kind of completion; for `text` a shell has none, `command` completes another command,
 * `expression` the words of expressions.
 */
export type Kind = "words" | "file" | "folder" | "url" | "command" | "expression" | "text";

const KINDS: Readonly<Record<string, Kind>> = {
  FILE: "file",
  FILTER: "file",
  PATH: "file",
  FOLDER: "folder",
  URL: "url",
  EXPR: "expression",
};

/** Words of expressions, separated by spaces. */
export const EXPRESSION_WORDS: string = USEFUL_WORDS.join(" ");

/** Returns the beginnings of URLs that are values of options, separated by spaces. */
export function urlStarts(commands: readonly Command[]): string {
  const starts = commands.flatMap(({ options }) => options.flatMap(({ start }) => start ?? []));
  return [...new Set(starts)].join(" ");
}

/** Options of `nfscribe` without a command. */
export const TOP_OPTIONS: readonly Option[] = [
  { name: "help", short: "h", help: "show all commands" },
  { name: "version", short: "V", help: "tell the version" },
];

/** Returns the kind of completion for an option's value. */
export function kindOfValue({ value = "", choices }: Option): Kind {
  return kindOf(value, choices);
}

/** Returns the kind of completion for an operand. */
export function kindOfOperand({ name, choices, isCommand = false }: Operand): Kind {
  return isCommand ? "command" : kindOf(name, choices);
}

function kindOf(name: string, choices: Choices | undefined): Kind {
  if (choices !== undefined) return "words";
  return Object.hasOwn(KINDS, name) ? KINDS[name]! : "text";
}
