/** Comments of shell scripts, nft and TOML. */

import { escaped } from "../text/escape.ts";
import { EXPANSION, SUBSTITUTION } from "./words.ts";

/**
 * Formats a comment. A shell runs the output: no text of an old rule may end its line.
 *
 * @param text The text; line ends and tabs become blanks, other control characters are escaped.
 */
export function comment(text: string): string {
  const plain = text.replaceAll(EXPANSION, "$").replaceAll(SUBSTITUTION, "$(…)");
  return `# ${escaped(plain.replaceAll(/[\t\n\r]+/g, " "))}`;
}
