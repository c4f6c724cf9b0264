/**
 * How commands, options and operands are written, in help and on the man page. Pure.
 *
 * @module
 */

import { type Command, oneOf, type Operand, type Option } from "../command.ts";

/** A command as it is typed, as in `nfscribe test FILTER FILE [OPTION…]`. */
export function usage({ name, operands = [] }: Command): string {
  return ["nfscribe", name, ...operands.map(operandWord), "[OPTION…]"].join(" ");
}

/** As in `FILE…`, where there may be more of them. */
export function operandWord({ name, many = false }: Operand): string {
  return many ? `${name}…` : name;
}

/** As in `-c, --config FILE`; options with and without a short form stand in line. */
export function optionWords({ name, short, value }: Option): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  return `${letter}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** What an option does, with the words that there are to choose from. */
export function optionHelp({ help, choices }: Option): string {
  return choices === undefined ? help : `${help}: ${oneOf(choices)}`;
}
