/**
 * Translates rules for ULOG, LOG and NFLOG, and nft's own logging rules, into rules for NFLOG.
 * Every line that logs is translated or reported.
 */

import { isNftText } from "./nft_text.ts";
import { addNft } from "./nft_rules.ts";
import { BoundError } from "./bounds.ts";
import { ScriptTranslator } from "./script_rules.ts";
import { loggingLines } from "./unread.ts";
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
  const result: Translated = { rules: [], problems: [], others: 0 };
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
  else addScript(text, group, result);
  result.problems.sort((a, b) => a.line - b.line);
  return result;
}

function addScript(text: string, group: number, result: Translated): void {
  const translator = new ScriptTranslator(text, group, result);
  try {
    translator.translate();
  } catch (error) {
    if (!(error instanceof BoundError)) throw error;
    const { line } = translator;
    result.problems.push({ line, message: error.message });
    for (const each of loggingLines(text)) {
      if (each <= line) continue;
      result.problems.push({ line: each, message: `what stands in line ${line} hides this rule` });
    }
  }
}
