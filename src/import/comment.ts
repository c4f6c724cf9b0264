/**
 * Comments of shell scripts, nft and TOML.
 *
 * @module
 */

import { escaped } from "../text/escape.ts";
import { EXPANSION, SUBSTITUTION } from "./words.ts";

/**
 * Makes a comment. A shell runs what is printed: nothing of an old rule may end its line.
 *
 * @param text Its text; line ends and tabs become blanks, other control characters are escaped.
 */
export function comment(text: string): string {
  const plain = text.replaceAll(EXPANSION, "$").replaceAll(SUBSTITUTION, "$(…)");
  return `# ${escaped(plain.replaceAll(/[\t\n\r]+/g, " "))}`;
}
