/** Messages on rules that depend on values of the running script. */

import { EXPANSION } from "./words.ts";

/** Reason why a command substitution is not translated. */
export const COMMAND_INSIDE =
  "the shell makes a word of it by running a command; put its result into a variable first";

/** Formats the message on a rule that depends on values of the running script. */
export function unknownMessage(words: string): string {
  return `what this rule does is decided when the script runs: nothing here says what ` +
    `${words.replaceAll(EXPANSION, "$")} is; ` +
    "write it out";
}

/** Formats the message on a rule that depends on arguments. */
export function argumentMessage({ text }: { text: string }): string {
  const [sign] = /\uE000(?:\{[^}]*\}|.)/.exec(text)!;
  return `what this rule does is decided when the script runs: ${
    sign.replace(EXPANSION, "$")
  } is ` +
    "an argument of the script, or of a function that nothing here calls with plain words; " +
    "write the rule out";
}

/** Formats the message on a rule to which a program adds words. */
export function adderMessage(adder: string): string {
  return `${adder} adds words to this rule when the script runs; write the rules out`;
}

/** The longest message, in characters. */
const MESSAGE_MAX = 1000;

/** Shortens a message that contains a long value. */
export function shortened(message: string): string {
  if (message.length <= MESSAGE_MAX) return message;
  return `${message.slice(0, MESSAGE_MAX / 2)}…${message.slice(-MESSAGE_MAX / 2)}`;
}
