/** Commands of nft in a script. */

import { RuleError } from "./log_target.ts";
import { adderIn, baseName, placeOf } from "./program.ts";
import { type ScriptNames, withoutReserved } from "./script_names.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { mentionsLog } from "./unread.ts";
import { adderMessage } from "./unknown.ts";
import { variableOf, withoutAssignments } from "./words.ts";

/** Returns whether a word names nft. */
export function isNft(word: Word, index: number, names: ScriptNames): boolean {
  if (baseName(word.text) === "nft") return true;
  const name = variableOf(word.text);
  if (name === undefined) return false;
  const values = names.valuesOf(name, index);
  return values.length === 0
    ? /^nft/i.test(name)
    : values.some(({ raw }) => /(?:^|[\s/"'])nft["')`]*$/.test(raw));
}

/**
 * Returns the words in nft's language of a command.
 *
 * @returns An empty text if they are in a file; undefined for another command.
 * @throws {RuleError} If a program adds words to it when the script runs.
 */
export function nftTextOf(
  command: ShellCommand,
  index: number,
  names: ScriptNames,
): { text: string; within: string } | undefined {
  const words = withoutAssignments(withoutReserved(command.words));
  const at = words.findIndex((word) => isNft(word, index, names));
  const before = words.slice(0, Math.max(0, at));
  if (at < 0) return undefined;
  const adder = adderIn(before);
  if (at > 0 && adder === undefined && placeOf(before).note.length > 0) return undefined;
  const start = words.findIndex(({ text }, place) => place > at && !text.startsWith("-"));
  const hasFile = words.slice(at + 1).some(({ text }) => /^(?:-\w*f|--file)/.test(text));
  if (start < 0 || hasFile) return { text: "", within: "" };
  const text = words.slice(start).map((word) => word.text).join(" ");
  if (
    adder !== undefined && (mentionsLog(text) || !/\b(?:accept|drop|reject|return)\b/.test(text))
  ) {
    throw new RuleError(adderMessage(adder));
  }
  return { text, within: placeOf(before).within };
}
