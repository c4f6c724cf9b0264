/** Expansion of a call's arguments in the commands of a function. */

import { requireLength } from "./bounds.ts";
import { rawOf } from "./script_values.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { EXPANSION, quoted } from "./words.ts";

/** An argument within a text: `$1`, `${2}`, `${3:-x}`, `$@` or `$*`. */
const ARGUMENT = /\uE000(?:([1-9@*])|\{(\d+|[@*])(?::?-([^{}\uE000]*))?\})/g;
/** A word of all arguments. */
const ALL = /^\uE000(?:[@*]|\{[@*]\})$/;
/** A word of one argument. */
const ONE = /^\uE000(?:[1-9]|\{\d+\})$/;

/** Returns whether a command changes the arguments of its function. */
export function changesArguments({ words }: ShellCommand): boolean {
  const [first, second] = words.filter(({ text }) => !/^(?:then|do|else|\{)$/.test(text));
  return first?.text === "shift" || (first?.text === "set" && second !== undefined) ||
    first?.text === "getopts";
}

/**
 * Expands a call's arguments.
 *
 * @param words Words of a command of the function.
 * @param args Arguments of the call.
 */
export function withArguments(words: readonly Word[], args: readonly Word[]): Word[] {
  return words.flatMap((word) => {
    const { text, raw } = word;
    if (!text.includes(EXPANSION)) return [word];
    const isQuoted = raw.startsWith('"');
    if (ALL.test(text) && (!isQuoted || !text.includes("*"))) return args;
    if (ONE.test(text)) {
      const value = args[Number(/\d+/.exec(text)![0]) - 1];
      if (value === undefined) return isQuoted ? [{ text: "", raw: "''" }] : [];
      return isQuoted ? [value] : split(value);
    }
    const filled = textWithArguments(text, args);
    return filled === text ? [word] : [{ text: filled, raw: rawOf(filled, raw) }];
  });
}

/** Expands a call's arguments within a text. */
export function textWithArguments(text: string, args: readonly Word[]): string {
  let length = 0;
  return text.replaceAll(ARGUMENT, (_, plain, braced, otherwise = "") => {
    const name = plain ?? braced;
    const value: string = /[@*]/.test(name)
      ? args.map(({ text }) => text).join(" ")
      : args[Number(name) - 1]?.text ?? otherwise;
    length += value.length;
    requireLength(length);
    return value;
  });
}

function split(word: Word): Word[] {
  if (!/\s/.test(word.text)) return [word];
  return word.text.split(/\s+/).filter((part) => part !== "")
    .map((part) => ({ text: part, raw: quoted(part) }));
}
