/** Chains in what `nft list ruleset` prints, and in files for `nft -f`. */

import { nftRulesOf } from "../nft_text.ts";
import type { Chain, ChainRule, Verdict } from "./chain.ts";

/** Statements that end a packet's way, or whose outcome is elsewhere. */
const ENDS =
  /^(?:accept|drop|reject|queue|jump|goto|return|vmap|[ds]nat|masquerade|redirect|synproxy|fwd|xt)$/;
/** Words of conditions that the same packet may meet in one rule and not in the next. */
const UNSTEADY = /^(?:limit|quota|numgen|random|count)$/;
const VERDICTS: readonly string[] = ["accept", "drop", "reject"] satisfies Verdict[];
const FAMILIES = /^(?:ip6?|inet|arp|bridge|netdev) /;
/** `type filter hook input …`, and what else describes a chain. */
const OF_CHAIN = /^(?:type|policy|comment|flags|devices?)$/;

/** `log` with its arguments, in words that NULs separate. */
const LOG =
  /(?<=^|\0)log(?:\0(?:prefix|group|snaplen|queue-threshold|level)\0[^\0]+|\0flags\0(?:all|skuid|ether|(?:tcp|ip)\0[^\0]+))*(?=\0|$)/g;

/** Finds the chains of a text. */
export function nftChains(text: string): Chain[] {
  const chains = new Map<string, Chain>();
  /** Chains with a rule whose place among the others is not known. */
  const unordered = new Set<Chain>();
  for (const { verb, place, tokens, isListed } of nftRulesOf(text).rules) {
    const words = tokens.map((token) => token.text);
    // Family, table and chain; a place in the chain may follow.
    const name = (FAMILIES.test(place) ? place : `ip ${place}`).split(" ").slice(0, 3).join(" ");
    const chain = chains.get(name) ?? { rules: [] };
    chains.set(name, chain);
    if (isListed && OF_CHAIN.test(words[0] ?? "")) {
      if (words.join(" ") === "policy drop") chain.policy = "drop";
      continue;
    }
    if (/ (?:handle|position|index) /.test(place)) unordered.add(chain);
    if (verb === "insert") chain.rules.unshift(chainRule(words));
    else chain.rules.push(chainRule(words));
  }
  return [...chains.values()].map((chain) =>
    unordered.has(chain)
      ? { rules: chain.rules.map((rule) => ({ ...rule, isOpaque: true })) }
      : chain
  );
}

/** Reads a rule: conditions, what is done on the way, and a verdict at its end. */
function chainRule(words: readonly string[]): ChainRule {
  const at = words.indexOf("log");
  const plain = withoutCounters(words);
  const end = plain.findIndex((word) => ENDS.test(word));
  const verdict = end < 0 ? undefined : verdictOf(plain.slice(end));
  const before = withoutLog(end < 0 ? plain : plain.slice(0, end));
  const conditions = at < 0 ? before : withoutLog(withoutCounters(words.slice(0, at)));
  // What stands behind `log` is asked of packets that are logged already.
  const isSame = joined(before) === joined(conditions);
  const prefixAt = at < 0 ? -1 : words.indexOf("prefix", at);
  const prefix = prefixAt < 0 ? undefined : /^"([^"$]*)"$/.exec(words[prefixAt + 1] ?? "")?.[1];
  return {
    ...prefix !== undefined && { prefix },
    groups: groupsOf(words),
    conditions: textOf(conditions),
    isOpaque: before.some((word) => UNSTEADY.test(word)),
    changes: words.includes("set"),
    ...verdict !== undefined && { verdict: isSame ? verdict : "other" },
  };
}

/** Returns the groups of `log` statements. */
function groupsOf(words: readonly string[]): number[] {
  const logs = joined(words).match(LOG) ?? [];
  return logs.flatMap((log) => /\0group\0(\d+)(?=\0|$)/.exec(log)?.[1] ?? []).map(Number);
}

function verdictOf([word, ...rest]: readonly string[]): Verdict {
  const isPlain = word === "reject" || rest.length === 0;
  return isPlain && VERDICTS.includes(word!) ? word as Verdict : "other";
}

/** Leaves out `counter`, with its figures, and a comment. */
function withoutCounters(words: readonly string[]): string[] {
  return joined(words).replaceAll(/(?<=^|\0)counter(?:\0packets\0\d+\0bytes\0\d+)?(?=\0|$)/g, "")
    .replace(/\0comment\0"[^"]*"$/, "").split("\0").filter((word) => word !== "");
}

/** Leaves out `log`, with its arguments, and a rate. */
function withoutLog(words: readonly string[]): string[] {
  return joined(words).replaceAll(LOG, "").split("\0").filter((word) => word !== "");
}

function joined(words: readonly string[]): string {
  return words.join("\0");
}

/** Returns the conditions as one, without a rate: what a packet was logged for holds without it. */
function textOf(words: readonly string[]): string[] {
  const text = words.join(" ")
    .replace(/\blimit rate (?:over )?\S+(?: burst \d+ \w+)?/, "").trim().replaceAll(/ +/g, " ");
  return text === "" ? [] : [text];
}
