/** Translation of one rule of iptables or ebtables in a script. */

import { logTargetOf, RuleError } from "./log_target.ts";
import { requirePrintable } from "./printable.ts";
import type { NamedProgram } from "./program.ts";
import { isLogTarget, type Rule, ruleOf } from "./rule.ts";
import { isKnown, type Value } from "./script_names.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { type Translated, translation } from "./translation.ts";
import { adderMessage, argumentMessage, COMMAND_INSIDE, unknownMessage } from "./unknown.ts";
import { EXPANSION, hasArguments, isUnknown, runsCommand } from "./words.ts";

/** Context of a rule. */
export interface RulePlace {
  /** The group for rules without one. */
  group: number;
  /** The table of a rule without one. */
  table?: string;
  /** Returns the values that a variable may have. */
  valuesOf: (word: Word) => readonly Value[];
}

/**
 * Adds a rule's translation.
 *
 * @returns Whether it logs; `none` where the words make no rule.
 * @throws {RuleError} If it logs, or may log, and cannot be translated.
 */
export function addRule(
  result: Translated,
  command: ShellCommand,
  named: NamedProgram,
  { group, table, valuesOf }: RulePlace,
): "logs" | "other" | "none" {
  const { program, words, adder } = named;
  const rule = ruleOf(program, words, table);
  if (rule === undefined) return "none";
  const target = logTargetOf(rule, group);
  if (target === undefined) {
    requireOther(rule, valuesOf, adder);
    return "other";
  }
  if (adder !== undefined) throw new RuleError(adderMessage(adder));
  if (words.some(runsCommand)) throw new RuleError(COMMAND_INSIDE);
  const argument = words.find(hasArguments);
  if (argument !== undefined) throw new RuleError(argumentMessage(argument));
  for (const { text } of command.words) requirePrintable(text);
  result.rules.push(translation(command, rule, target, named, command.saved));
  return "logs";
}

/** Requires that a rule without a logging target cannot get one when the script runs. */
function requireOther(
  rule: Rule,
  valuesOf: (word: Word) => readonly Value[],
  adder: string | undefined,
): void {
  const { target, words, log, unknown, program } = rule;
  const shown = target?.replaceAll(EXPANSION, "$");
  const isOpen = target !== undefined && isUnknown({ text: target });
  if (log.size > 0) {
    const [option] = log.keys();
    throw new RuleError(
      isOpen
        ? `nothing here says which target ${shown} is; write LOG or NFLOG in its place`
        : `--${option} belongs to a target that logs, and the rule's is ${shown ?? "missing"}`,
    );
  }
  // A rule that is deleted logs nothing.
  if (words.some(({ text }) => /^(?:-[DC]$|--(?:delete|check)$)/.test(text))) return;
  if (isOpen) {
    const word = words.find(({ text }) => text === target) ?? { text: target, raw: target };
    const values = valuesOf(word);
    const isKnownOther = values.length > 0 &&
      values.every((value) => isKnown(value) && !isLogTarget(value.words[0]?.text));
    if (!isKnownOther) throw new RuleError(unknownMessage(word.raw));
    return;
  }
  const open = target === undefined && program !== "ebtables"
    ? words.filter(isUnknown)
    : program === "ebtables"
    ? words.filter((word) => isUnknown(word) && unknown.includes(word.text))
    : [];
  if (open.length > 0) throw new RuleError(unknownMessage(open.map(({ raw }) => raw).join(", ")));
  if (target === undefined && adder !== undefined) throw new RuleError(adderMessage(adder));
}
