/**
 * Messages on rules that only a running script knows.
 *
 * @module
 */

import { EXPANSION } from "./words.ts";

/** Says why a command substitution is not translated. */
export const COMMAND_INSIDE =
  "the shell makes a word of it by running a command; put its result into a variable first";

/** Says that nobody knows what a rule does before the script runs. */
export function unknownMessage(words: string): string {
  return `what this rule does is decided when the script runs: nothing here says what ` +
    `${words.replaceAll(EXPANSION, "$")} is; ` +
    "write it out";
}

/** Says that a rule depends on arguments. */
export function argumentMessage({ text }: { text: string }): string {
  const [sign] = /\uE000(?:\{[^}]*\}|.)/.exec(text)!;
  return `what this rule does is decided when the script runs: ${
    sign.replace(EXPANSION, "$")
  } is ` +
    "an argument of the script, or of a function that nothing here calls with plain words; " +
    "write the rule out";
}

/** Says that a rule is made when the script runs. */
export function adderMessage(adder: string): string {
  return `${adder} adds words to this rule when the script runs; write the rules out`;
}

/** The longest message, in characters. */
const MESSAGE_MAX = 1000;

/** Cuts a long value out of a message. */
export function shortened(message: string): string {
  if (message.length <= MESSAGE_MAX) return message;
  return `${message.slice(0, MESSAGE_MAX / 2)}…${message.slice(-MESSAGE_MAX / 2)}`;
}
