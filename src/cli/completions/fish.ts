/** Completions for fish, as complete(1) of fish has them. Pure. */

import { type Choices, type Command, type Option, optionsOf } from "../command.ts";
import { EXPRESSION_WORDS, type Kind, kindOfOperand, kindOfValue, TOP_OPTIONS } from "./kind.ts";

/**
 * Returns a script for fish.
 *
 * @param commands The commands to complete.
 */
export function fishCompletions(commands: readonly Command[]): string {
  const names = Object.fromEntries(commands.map(({ name, summary }) => [name, summary]));
  const isFirst = "__nfscribe_is ''";
  return `# Completions of nfscribe for fish, written by: nfscribe completions fish

# Whether the command is that one; the empty one is none yet.
function __nfscribe_is
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end

complete -c nfscribe -f
${TOP_OPTIONS.map((option) => optionLine(option, isFirst)).join("\n")}
${wordLines(isFirst, { ...names, help: "show the help of a command" })}
${wordLines("__nfscribe_is help", names)}

${commands.map(commandLines).join("\n\n")}
`;
}

function commandLines(command: Command): string {
  const condition = `__nfscribe_is ${command.name}`;
  return [
    ...optionsOf(command).map((option) => optionLine(option, condition)),
    ...(command.operands ?? []).flatMap((operand) => {
      const { choices = {} } = operand;
      const kind = kindOfOperand(operand);
      if (kind === "text") return [];
      if (kind !== "words") return [line(condition, offered(kind))];
      // Until one of them is there.
      const none = `not __fish_seen_subcommand_from ${Object.keys(choices).join(" ")}`;
      return [wordLines(`${condition}; and ${none}`, choices)];
    }),
  ].join("\n");
}

function optionLine(option: Option, condition: string): string {
  const { name, short, value, choices, help, start } = option;
  const letter = short === undefined ? "" : `-s ${short} `;
  const takes = value === undefined ? "" : ` -r ${offered(kindOfValue(option), choices, start)}`;
  return line(condition, `${letter}-l ${name} -d ${quoted(help)}${takes}`);
}

function line(condition: string, rest: string): string {
  return `complete -c nfscribe -n ${quoted(condition)} ${rest}`;
}

function offered(kind: Kind, choices: Choices = {}, start = ""): string {
  switch (kind) {
    case "words":
      return `-f -a ${quoted(wordList(choices))}`;
    case "file":
      return "-F";
    case "folder":
      return `-f -a ${quoted("(__fish_complete_directories)")}`;
    case "url":
      return `-f -a ${quoted(start)}`;
    case "expression":
      return `-f -a ${quoted(EXPRESSION_WORDS)}`;
    case "command":
      return `-x -a ${quoted("(__fish_complete_subcommand --fcs-skip=2)")}`;
    case "text":
      return "-f";
  }
}

/** Words with their descriptions, a line each. */
function wordLines(condition: string, choices: Choices): string {
  return Object.entries(choices)
    .map(([word, help]) => line(condition, `-a ${word} -d ${quoted(help)}`)).join("\n");
}

/** Returns an option's values as fish evaluates them. */
function wordList(choices: Choices): string {
  return Object.entries(choices).map(([word, help]) => `${word}\\t${quoted(help)}`).join(" ");
}

/** Quotes a word for fish, where a backslash in quotes stands for the next character. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
