/**
 * Completions for bash, as "Programmable Completion" in bash(1) has them; nothing
 * else need be installed. Pure.
 */

import { type Choices, type Command, type Option, optionsOf } from "../command.ts";
import { quoted } from "../../text/shell_quoted.ts";
import {
  EXPRESSION_WORDS,
  type Kind,
  kindOfOperand,
  kindOfValue,
  TOP_OPTIONS,
  urlStarts,
} from "./kind.ts";

/**
 * Returns a script for bash.
 *
 * @param commands The commands to complete.
 */
export function bashCompletions(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  const top = [...names, "help", ...TOP_OPTIONS.map(({ name }) => `--${name}`)];
  return `# Completions of nfscribe for bash, written by: nfscribe completions bash

_nfscribe() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=\${COMP_WORDS[1]} IFS=$' \\t\\n'
  COMPREPLY=()
  # bash takes --name=value for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    _nfscribe_words ${quotedList(top)}
    return
  fi
  case $command,$before in
${valueCases(commands).join("\n")}
  esac
  if [[ $current == -* ]]; then
    case $command in
${commands.map(optionCase).join("\n")}
    esac
    return
  fi
  case $command in
${commands.map(operandCase).join("\n")}
    help) ((COMP_CWORD > 2)) || _nfscribe_words ${quotedList(names)} ;;
  esac
}

_nfscribe_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

# readline itself knows about quotes and tildes in names.
_nfscribe_file() {
  compopt -o default
}

_nfscribe_folder() {
  compopt -o dirnames
}

# The command's name, then files: what else it takes is not known here.
_nfscribe_command() {
  if ((COMP_CWORD == 2)); then
    COMPREPLY=($(compgen -c -- "$current"))
  else
    compopt -o default
  fi
}

_nfscribe_expression() {
  _nfscribe_words ${quoted(EXPRESSION_WORDS)}
}

_nfscribe_url() {
  _nfscribe_words ${quoted(urlStarts(commands))}
  compopt -o nospace
}

complete -F _nfscribe nfscribe
`;
}

/** Makes one case for each kind of completion, with its options. */
function valueCases(commands: readonly Command[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const command of commands) {
    for (const option of optionsOf(command).filter(({ value }) => value !== undefined)) {
      const offer = offered(kindOfValue(option), option.choices);
      const known = patterns.get(offer) ?? [];
      patterns.set(offer, [...known, ...flags(option).map((flag) => `${command.name},${flag}`)]);
    }
  }
  return [...patterns].map(([offer, patterns]) =>
    `    ${patterns.join(" |\\\n      ")})\n      ${offer}\n      return\n      ;;`
  );
}

function optionCase(command: Command): string {
  const words = `_nfscribe_words ${quotedList(optionsOf(command).flatMap(flags))}`;
  // What follows another command is its own.
  const isOther = (command.operands ?? []).some(({ isCommand }) => isCommand === true);
  const offer = isOther
    ? `if ((COMP_CWORD == 2)); then ${words}; else compopt -o default; fi`
    : words;
  return `      ${command.name}) ${offer} ;;`;
}

/** Returns the case for operands, at any place of a command: the words before are not looked at. */
function operandCase({ name, operands = [] }: Command): string {
  const operand = operands.find((operand) => kindOfOperand(operand) !== "text");
  const offer = operand === undefined ? ":" : offered(kindOfOperand(operand), operand.choices);
  return `    ${name}) ${offer} ;;`;
}

function flags({ name, short }: Option): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function offered(kind: Kind, choices: Choices = {}): string {
  if (kind === "text") return ":";
  if (kind === "words") return `_nfscribe_words ${quotedList(Object.keys(choices))}`;
  return `_nfscribe_${kind}`;
}

function quotedList(words: readonly string[]): string {
  return quoted(words.join(" "));
}
