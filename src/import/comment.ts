/**
 * Comments of shell scripts, nft and TOML.
 *
 * @module
 */

import { EXPANSION, SUBSTITUTION } from "./words.ts";

/**
 * Formats a comment. A shell runs the output: no text of an old rule may end its line.
 *
 * @param text The text; control characters become blanks.
 */
export function comment(text: string): string {
  const plain = text.replaceAll(EXPANSION, "$").replaceAll(SUBSTITUTION, "$(…)");
  // deno-lint-ignore no-control-regex
  return `# ${plain.replaceAll(/[\x00-\x1f\x7f\u2028\u2029]+/g, " ")}`;
}
