/** Syntax of commands, options and operands, for help and the man page. Pure. */

import { type Command, oneOf, type Operand, type Option } from "../command.ts";

/**
 * Returns a command's usage, as in `nfscribe test FILTER FILE [OPTION…]`; where it starts
 * another command, options come before that.
 */
export function usage({ name, operands = [] }: Command): string {
  if (operands.some(({ isCommand }) => isCommand === true)) {
    return ["nfscribe", name, "[OPTION…]", ...operands.map((word) => `[${operandWord(word)}]`)]
      .join(" ");
  }
  return ["nfscribe", name, ...operands.map(operandWord), "[OPTION…]"].join(" ");
}

/**
 * Returns an operand, as in `FILE…`, which may be several, `[FILTER]`, which may be left out, and
 * `COMMAND [ARGUMENT…]`.
 */
export function operandWord(operand: Operand): string {
  const { name, many = false, isCommand = false, isOptional = false } = operand;
  if (isCommand) return `${name} [ARGUMENT…]`;
  const word = many ? `${name}…` : name;
  return isOptional ? `[${word}]` : word;
}

/** Returns an option, as in `-c, --config FILE`; those without a short form are indented. */
export function optionWords({ name, short, value }: Option): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  return `${letter}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** Returns an option's help and choices. */
export function optionHelp({ help, choices }: Option): string {
  return choices === undefined ? help : `${help}: ${oneOf(Object.keys(choices))}`;
}
