/** Check for control characters in rules. */

import { RuleError } from "./log_target.ts";

/** Control characters and marks that reorder text; tabs and line ends in quotes are none. */
const STEERING = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/**
 * Requires that a rule can be printed.
 *
 * @throws {RuleError} If it holds a character that acts on a terminal.
 */
export function requirePrintable(text: string): void {
  const [character] = STEERING.exec(text) ?? [];
  if (character === undefined) return;
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  throw new RuleError(
    `the rule holds the control character U+${code}, which acts on a terminal and is not printed; ` +
      "write the rule without it",
  );
}
