/**
 * How commands, options and operands are written, in help and on the man page. Pure.
 *
 * @module
 */

import { type Command, oneOf, type Operand, type Option } from "../command.ts";

/**
 * Returns a command as it is typed, as in `nfscribe test FILTER FILE [OPTION…]`; options stand
 * before another command.
 */
export function usage({ name, operands = [] }: Command): string {
  if (operands.some(({ isCommand }) => isCommand === true)) {
    return ["nfscribe", name, "[OPTION…]", ...operands.map((word) => `[${operandWord(word)}]`)]
      .join(" ");
  }
  return ["nfscribe", name, ...operands.map(operandWord), "[OPTION…]"].join(" ");
}

/** As in `FILE…`, where there may be more of them, and `COMMAND [ARGUMENT…]`. */
export function operandWord({ name, many = false, isCommand = false }: Operand): string {
  if (isCommand) return `${name} [ARGUMENT…]`;
  return many ? `${name}…` : name;
}

/** As in `-c, --config FILE`; options with and without a short form stand in line. */
export function optionWords({ name, short, value }: Option): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  return `${letter}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** Returns an option's help, with the words that there are to choose from. */
export function optionHelp({ help, choices }: Option): string {
  return choices === undefined ? help : `${help}: ${oneOf(choices)}`;
}
