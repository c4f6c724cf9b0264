/**
 * Translates rules for ULOG, LOG and NFLOG, and nft's own logging rules, into rules for NFLOG.
 * Every line that logs is translated or reported.
 *
 * @module
 */

import { isNftText } from "./nft_text.ts";
import { addNft } from "./nft_rules.ts";
import { ScriptTranslator } from "./script_rules.ts";
import { OWN_CHARACTERS } from "./words.ts";
import type { Translated } from "./translation.ts";

export type { RuleProblem, Translated, Translation } from "./translation.ts";

/**
 * Translates every rule that logs.
 *
 * @param text A rule, a shell script, output of `iptables-save`, or nft's rules.
 * @param group The group for rules without one, such as those with LOG.
 */
export function translate(text: string, group = 1): Translated {
  const result: Translated = { rules: [], problems: [], others: 0, unclear: [] };
  for (const [index, line] of text.split("\n").entries()) {
    if (!OWN_CHARACTERS.test(line)) continue;
    const message = "holds the character U+E000 or U+E001, which stands for an expansion of the " +
      "shell here; take it out, as nothing is translated with it";
    result.problems.push({ line: index + 1, message });
  }
  if (result.problems.length > 0) return result;
  if (/^\s*\{\s*"nftables"/.test(text)) {
    const message = "this is nft's JSON; give what nft list ruleset prints without -j";
    result.problems.push({ line: 1, message });
  } else if (isNftText(text)) addNft(result, text, group);
  else new ScriptTranslator(text, group, result).translate();
  result.problems.sort((a, b) => a.line - b.line);
  return result;
}
