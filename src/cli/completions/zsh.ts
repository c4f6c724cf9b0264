/** Completions for zsh, as "Completion System" in zshcompsys(1) has them. Pure. */

import { type Choices, type Command, type Operand, type Option, optionsOf } from "../command.ts";
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
 * Returns a script for zsh: a file `_nfscribe` in a folder of `fpath`, or to be sourced.
 *
 * @param commands The commands to complete.
 */
export function zshCompletions(commands: readonly Command[]): string {
  return `#compdef nfscribe
# Completions of nfscribe for zsh, written by: nfscribe completions zsh

_nfscribe() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${TOP_OPTIONS.map((option) => `    ${optionSpec(option, "- *")} \\`).join("\n")}
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
      _nfscribe_commands
      ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join("\n")}
        help) _arguments '1: :_nfscribe_commands' ;;
      esac
      ;;
  esac
}

_nfscribe_commands() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
    'help:show the help of a command'
  )
  _describe -t commands command commands
}

_nfscribe_expression() {
  compadd -- ${EXPRESSION_WORDS}
}

_nfscribe_url() {
  compadd -S '' -- ${urlStarts(commands)}
}

if [[ $funcstack[1] == _nfscribe ]]; then
  _nfscribe "$@"
else
  compdef _nfscribe nfscribe
fi
`;
}

function commandCase(command: Command): string {
  const specs = [
    ...optionsOf(command).map((option) => optionSpec(option)),
    ...(command.operands ?? []).map(operandSpec),
  ];
  // Behind another command, options are its own.
  const isOther = (command.operands ?? []).some(({ isCommand }) => isCommand === true);
  return [
    `        ${command.name})`,
    `          _arguments -s ${isOther ? "-A '-*' " : ""}\\`,
    `${specs.map((spec) => `            ${spec}`).join(" \\\n")}`,
    `          ;;`,
  ].join("\n");
}

/**
 * As in `'(-c --config)'{-c+,--config=}'[configuration file]:FILE:_files'`.
 *
 * @param excluded What may not stand beside it, other than itself.
 */
function optionSpec(option: Option, excluded?: string): string {
  const { name, short, value, many = false, help } = option;
  const takes = value === undefined
    ? ""
    : `:${escaped(value)}:${action(kindOfValue(option), option.choices)}`;
  const rest = quoted(`[${escaped(help)}]${takes}`);
  const long = value === undefined ? `--${name}` : `--${name}=`;
  if (many) return `'*'${long}${rest}`;
  if (short === undefined) return `${long}${rest}`;
  const exclusion = excluded ?? `-${short} --${name}`;
  return `'(${exclusion})'{-${short}${value === undefined ? "" : "+"},${long}}${rest}`;
}

function operandSpec(operand: Operand, index: number): string {
  // Completed as it is alone: `_normal` takes the words from it on.
  if (operand.isCommand === true) return quoted(`*::${escaped(operand.name)}:_normal`);
  const place = operand.many === true ? "*" : String(index + 1);
  return quoted(
    `${place}:${escaped(operand.name)}:${action(kindOfOperand(operand), operand.choices)}`,
  );
}

function action(kind: Kind, choices: Choices = {}): string {
  switch (kind) {
    case "words": {
      const words = Object.entries(choices).map(([word, help]) =>
        `${escaped(word)}\\:"${escaped(help).replaceAll('"', '\\"')}"`
      );
      return `((${words.join(" ")}))`;
    }
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "url":
      return "_nfscribe_url";
    case "expression":
      return "_nfscribe_expression";
    case "command":
      return "_normal";
    case "text":
      return " ";
  }
}

/** Escapes all that would end a part of a specification. */
function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, "\\$&");
}
